import { isAbsolute, join } from "node:path";
import type { CallTally, Period } from "../../analytics/mod.ts";
import { AppError, messageOf } from "../../kernel/errors.ts";
import type { CliContext } from "../context.ts";
import type { PeriodFlags } from "../flags.ts";
import { tableView } from "../output/view.ts";
import { csvText } from "./csv.ts";

const DAY_MS = 86_400_000;

/** The period of the flags; the last `days` days up to now unless they say otherwise. */
export function periodOf({ clock }: CliContext, { since, until }: PeriodFlags, days = 1): Period {
  const end = until ?? new Date(clock.now());
  const period = { since: since ?? new Date(end.getTime() - days * DAY_MS), until: end };
  if (period.since < period.until) return period;
  throw new AppError("usage", "The period ends before it begins", {
    hint: "Give --since an earlier time than --until.",
  });
}

/** The period of the same length before it. */
export function periodBefore({ since, until }: Period): Period {
  return { since: new Date(2 * since.getTime() - until.getTime()), until: since };
}

/** As documents have it. */
export function periodText({ since, until }: Period): string {
  return `${since.toISOString()}/${until.toISOString()}`;
}

/** Parts that ended well, of those whose end is known; null where there are none. */
export function successRate({ ok, failed }: Pick<CallTally, "ok" | "failed">): number | null {
  return ok + failed === 0 ? null : rounded(ok / (ok + failed), 4);
}

/** By how much percent `now` is more than `before`; null where there was nothing. */
export function changePercent(now: number, before: number): number | null {
  return before === 0 ? null : rounded((now - before) / before * 100, 1);
}

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded(part / whole * 100, 1);
}

/** Milliseconds of microseconds. */
export function toMs(us: number | null): number | null {
  return us === null ? null : rounded(us / 1000, 3);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

export interface ExportFlag {
  /** A file for the rows as CSV, in the place of what would be printed. */
  readonly export?: string;
}

type Row = Readonly<Record<string, unknown>>;

export interface RowsReport {
  readonly kind: string;
  /** The member of the document that holds the rows. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** What stands beside the rows. */
  readonly beside: Row;
  readonly empty: string;
}

/** Prints rows as a table, or writes them to a file. */
export async function reportRows(
  context: CliContext,
  { kind, name, rows, beside, empty }: RowsReport,
  { export: path }: ExportFlag,
): Promise<void> {
  if (path !== undefined) return await writeCsv(context, path, rows);
  const labels = Object.keys(rows[0] ?? {});
  const columns = labels.map((label) => ({
    label: label.toUpperCase().replaceAll("_", " "),
    of: (row: Row) => row[label],
  }));
  context.out.report({
    kind,
    data: { ...beside, [name]: rows },
    views: [tableView(columns, rows)],
    empty,
  });
}

/** Prints one document, or writes it to a file as one row. */
export async function reportCard(
  context: CliContext,
  kind: string,
  data: Row,
  { export: path }: ExportFlag,
): Promise<void> {
  if (path !== undefined) return await writeCsv(context, path, [flat(data)]);
  context.out.card({ kind, data });
}

function flat(data: Row, prefix = ""): Row {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]): [string, unknown][] =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(flat(value as Row, `${prefix}${name}_`))
        : [[`${prefix}${name}`, value]]
    ),
  );
}

async function writeCsv(context: CliContext, path: string, rows: readonly Row[]): Promise<void> {
  const target = isAbsolute(path) ? path : join(context.cwd, path);
  try {
    await Deno.writeTextFile(target, csvText(rows), { mode: 0o600 });
  } catch (error) {
    throw new AppError("internal", `Cannot write "${target}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  context.out.note(`Wrote ${rows.length} rows to ${target}`);
}
