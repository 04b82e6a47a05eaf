import { CsvError, parse } from "csv-parse/sync";
import { AppError } from "../../kernel/errors.ts";
import { checkColumns, type Column, type PersonText } from "./person.ts";

/** Bytes that one line may have. */
const MAX_LINE = 64 * 1024;
/** What a spreadsheet takes as a formula when a cell begins with it. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Reads the lines of a CSV file one after the other, without keeping them: separated by commas or semicolons, as the
 * heading is. Throws `invalid` for what is no CSV, with the line.
 */
export function readCsv(
  text: string,
  each: (place: number, person: PersonText, problem: string | undefined) => void,
): void {
  let columns: readonly string[] | undefined;
  try {
    parse(text, {
      delimiter: separatorOf(text),
      skip_empty_lines: true,
      max_record_size: MAX_LINE,
      on_record: (record: string[], { lines }: { readonly lines: number }) => {
        if (columns === undefined) {
          columns = record.map((name) => name.trim().toLowerCase());
          checkColumns(columns);
        } else {
          const names = columns;
          const cells = record.map((cell) => plain(cell));
          const formula = record.findIndex((cell) => FORMULA.test(cell));
          const problem = formula < 0 ? undefined : `${names[formula]} begins like a formula`;
          each(lines, Object.fromEntries(names.map((name, i) => [name, cells[i]])), problem);
        }
        return null;
      },
    });
  } catch (error) {
    if (error instanceof CsvError) {
      throw new AppError("invalid", `Cannot read the file as CSV: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
  if (columns === undefined) throw new AppError("invalid", "The file is empty");
}

/** One line of a CSV file. A cell that a spreadsheet would calculate begins with an apostrophe instead. */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => quoted(harmless(cell ?? ""))).join(",")}\r\n`;
}

function harmless(cell: string): string {
  return FORMULA.test(cell) || /^'[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** What `harmless` made of a cell, as it was. */
function plain(cell: string): string {
  return /^''?[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function quoted(cell: string): string {
  return /[",;\r\n\t]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Spreadsheets of some languages write semicolons. */
function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const heading = end < 0 ? text : text.slice(0, end);
  return heading.includes(";") && !heading.includes(",") ? ";" : ",";
}

/** The cells of a person in the order of `columns`. */
export function cellsOf(person: PersonText, columns: readonly Column[]): (string | null)[] {
  return columns.map((column) => person[column] ?? null);
}
