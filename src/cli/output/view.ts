import { cellOf } from "./cell.ts";
import { type ColumnOf, type Look, renderTable } from "./table.ts";
import { pad, widthOf } from "./width.ts";

/** A piece of what people see. Build one with `tableView`, `cardView`, `listView`, `textView`. */
export interface View {
  /** Heading above the piece when a document has several. */
  readonly title?: string;
  /** Nothing to see: a short note goes to standard error instead. */
  readonly isEmpty: boolean;
  render(look: Look): string[];
}

export function tableView<Row>(
  columns: readonly ColumnOf<Row>[],
  rows: readonly Row[],
  title?: string,
): View {
  return {
    ...title === undefined ? {} : { title },
    isEmpty: rows.length === 0,
    render: (look) => renderTable(columns, rows, look),
  };
}

/** Label and value, one a line; a nested object is indented below its label. */
export function cardView(fields: Readonly<Record<string, unknown>>, title?: string): View {
  return {
    ...title === undefined ? {} : { title },
    isEmpty: Object.keys(fields).length === 0,
    render: () => renderFields(fields, ""),
  };
}

export function listView(items: readonly unknown[], title?: string): View {
  return {
    ...title === undefined ? {} : { title },
    isEmpty: items.length === 0,
    render: () => items.map(cellOf),
  };
}

/** Text of our own, printed as it is. */
export function textView(text: string, title?: string): View {
  return {
    ...title === undefined ? {} : { title },
    isEmpty: text === "",
    render: () => text.replace(/\n$/, "").split("\n"),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function renderFields(fields: Readonly<Record<string, unknown>>, indent: string): string[] {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...entries.map(([label]) => widthOf(label)));
  return entries.flatMap(([label, value]) => {
    const name = label.replaceAll("_", " ");
    if (isRecord(value) && Object.keys(value).length > 0) {
      return [`${indent}${name}`, ...renderFields(value, `${indent}  `)];
    }
    return [`${indent}${pad(name, width, "left")}  ${cellOf(value)}`];
  });
}
