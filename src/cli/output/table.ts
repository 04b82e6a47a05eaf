import { cellOf } from "./cell.ts";
import { fit, pad, widthOf } from "./width.ts";

export interface Column<Row> {
  readonly label: string;
  readonly of: (row: Row) => unknown;
  /** Numbers stand right unless this says otherwise. */
  readonly align?: "left" | "right";
  /** Never cut, whatever the terminal's width: ids, and what people copy. */
  readonly keep?: boolean;
}

/** A column, or the name of a member of the row. */
export type ColumnOf<Row> = Column<Row> | (keyof Row & string);

export interface Look {
  /** Columns to fit into; undefined: as wide as it gets. */
  readonly columns: number | undefined;
  readonly color: boolean;
}

const GAP = "  ";
const MIN_WIDTH = 6;

/** Lines of an aligned table with a heading. */
export function renderTable<Row>(
  columns: readonly ColumnOf<Row>[],
  rows: readonly Row[],
  look: Look,
): string[] {
  const full = columns.map(toColumn);
  const values = rows.map((row) => full.map((column) => column.of(row)));
  const cells = values.map((line) => line.map(cellOf));
  const aligns = full.map((column, i) => column.align ?? alignOf(values.map((line) => line[i])));
  const natural = full.map((column, i) =>
    Math.max(widthOf(column.label), ...cells.map((line) => widthOf(line[i] ?? "")))
  );
  const widths = shrink(natural, full.map((column) => column.keep ?? false), look.columns);
  const line = (texts: readonly string[]): string =>
    texts.map((text, i) => {
      const width = widths[i] ?? 0;
      return pad(fit(text, width), width, aligns[i] ?? "left");
    }).join(GAP).trimEnd();
  const heading = line(full.map((column) => column.label));
  return [look.color ? `\x1b[1m${heading}\x1b[22m` : heading, ...cells.map(line)];
}

function toColumn<Row>(column: ColumnOf<Row>): Column<Row> {
  if (typeof column !== "string") return column;
  const label = column.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll("_", " ");
  return { label: label.toUpperCase(), of: (row) => row[column], keep: /(^|_)id$/.test(column) };
}

function alignOf(values: readonly unknown[]): "left" | "right" {
  const present = values.filter((value) => value !== null && value !== undefined);
  const numeric = present.every((v) => typeof v === "number" || typeof v === "bigint");
  return present.length > 0 && numeric ? "right" : "left";
}

/** Takes columns from the widest that may be cut until the table fits. */
function shrink(
  natural: readonly number[],
  keep: readonly boolean[],
  columns: number | undefined,
): readonly number[] {
  if (columns === undefined) return natural;
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - columns;
  while (over > 0) {
    const widest = widths.reduce(
      (best, width, i) => !keep[i] && width > MIN_WIDTH && width > (widths[best] ?? -1) ? i : best,
      -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}
