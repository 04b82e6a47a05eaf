import type { Stream } from "../host.ts";
import { jsonValue } from "./cell.ts";
import type { ColumnOf, Look } from "./table.ts";
import { cardView, listView, tableView, textView, type View } from "./view.ts";

/** What a script may want to know beside the data: the next cursor, what was left out. */
export type Hints = Readonly<Record<string, unknown>>;

interface Envelope {
  /** Stable name of the document's shape, e.g. `db.tables`. */
  readonly kind: string;
  readonly hints?: Hints;
}

export interface TableSpec<Row> extends Envelope {
  readonly columns: readonly ColumnOf<Row>[];
  readonly rows: readonly Row[];
  /** What `--json` prints; the rows unless given. */
  readonly data?: unknown;
  /** Said on standard error when there is no row. */
  readonly empty?: string;
}

export interface CardSpec extends Envelope {
  readonly data: Readonly<Record<string, unknown>>;
  /** What people see; the data unless given. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface ListSpec extends Envelope {
  readonly items: readonly unknown[];
  readonly data?: unknown;
  readonly empty?: string;
}

export interface TextSpec extends Envelope {
  readonly text: string;
  readonly data: unknown;
}

export interface ReportSpec extends Envelope {
  readonly data: unknown;
  readonly views: readonly View[];
  readonly empty?: string;
}

export interface StreamSpec<Item> {
  readonly kind: string;
  /** The line people see. */
  readonly line: (item: Item) => string;
}

export interface ItemStream<Item> {
  /** Prints one item: an envelope a line with `--json`. Throws `ReaderGone` when nobody reads. */
  write(item: Item): void;
}

/**
 * Where a verb puts what it found. Standard output carries data only, and exactly one document a run
 * (or one `stream`); everything else goes to standard error.
 */
export interface Out {
  /** For verbs that skip work nobody will see; do not branch on it for anything else. */
  readonly isJson: boolean;
  table<Row>(spec: TableSpec<Row>): void;
  card(spec: CardSpec): void;
  list(spec: ListSpec): void;
  /** Text that is the answer itself: a token, a script, a file. */
  text(spec: TextSpec): void;
  /** One document that people see as several tables and cards. */
  report(spec: ReportSpec): void;
  /** For verbs that follow. */
  stream<Item>(spec: StreamSpec<Item>): ItemStream<Item>;
  /** Empties the screen, where standard output is one. */
  clear(): void;
  /** A remark for people; silent with `--quiet`. */
  note(message: string): void;
  /** Replaces the last progress line on a terminal; silent with `--quiet`. */
  progress(message: string): void;
  /** Something that the user should know, even with `--quiet`. */
  warn(message: string): void;
}

/** Thrown by a stream's `write` when the reader of standard output is gone. Ends the verb, exit 0. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

export interface OutOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
}

/** An `Out`, and what the runner needs to know about it. */
export interface OutHandle extends Out {
  /** Whether anything has gone to standard output. */
  hasPrinted(): boolean;
  /** Prints the error document, unless data has been printed. */
  errorDocument(error: Readonly<Record<string, unknown>>): void;
  /** Writes a line for people to standard error. */
  errorLine(text: string, strong?: boolean): void;
}

export function createOut({ stdout, stderr, json, quiet, color }: OutOptions): OutHandle {
  let printed = false;
  let progressShown = false;
  const look: Look = { columns: stdout.columns, color: color && stdout.isTerminal };

  function print(text: string): void {
    clearProgress();
    printed = true;
    stdout.write(text);
  }
  function tell(text: string): void {
    clearProgress();
    stderr.write(text + "\n");
  }
  function clearProgress(): void {
    if (progressShown) stderr.write("\r\x1b[K");
    progressShown = false;
  }
  function report({ kind, data, hints, views, empty }: ReportSpec): void {
    if (printed) throw new Error(`A second document (${kind}) would follow the first`);
    if (json) {
      return print(JSON.stringify({ data, kind, ...hints && { hints } }, jsonValue, 2) + "\n");
    }
    const shown = views.filter((view) => !view.isEmpty);
    if (shown.length === 0) return note(empty ?? "Nothing found.");
    const blocks = shown.map((view) => [
      ...view.title === undefined ? [] : [heading(view.title, look)],
      ...view.render(look),
    ]);
    print(blocks.map((lines) => lines.join("\n") + "\n").join("\n"));
  }
  function note(message: string): void {
    if (!quiet) tell(message);
  }
  return {
    isJson: json,
    report,
    table: ({ columns, rows, data = rows, ...rest }) =>
      report({ ...rest, data, views: [tableView(columns, rows)] }),
    card: ({ data, fields = data, ...rest }) =>
      report({ ...rest, data, views: [cardView(fields)] }),
    list: ({ items, data = items, ...rest }) => report({ ...rest, data, views: [listView(items)] }),
    text: ({ text, ...rest }) => report({ ...rest, views: [textView(text)] }),
    stream: ({ kind, line }) => ({
      write(item) {
        clearProgress();
        printed = true;
        const text = json ? JSON.stringify({ data: item, kind }, jsonValue) : line(item);
        if (!stdout.write(text + "\n")) throw new ReaderGone();
      },
    }),
    clear() {
      if (stdout.isTerminal) stdout.write("\x1b[2J\x1b[H");
    },
    note,
    progress(message) {
      if (quiet) return;
      if (!stderr.isTerminal) return tell(message);
      clearProgress();
      stderr.write(message);
      progressShown = true;
    },
    warn: (message) => tell(paint(`warning: ${message}`, "33", color && stderr.isTerminal)),
    hasPrinted: () => printed,
    errorDocument(error) {
      if (json && !printed) print(JSON.stringify({ error }, jsonValue, 2) + "\n");
    },
    errorLine: (text, strong = false) =>
      tell(strong ? paint(text, "31", color && stderr.isTerminal) : text),
  };
}

function heading(title: string, { color }: Look): string {
  return paint(title, "1", color);
}

function paint(text: string, code: string, color: boolean): string {
  return color ? `\x1b[${code}m${text}\x1b[0m` : text;
}
