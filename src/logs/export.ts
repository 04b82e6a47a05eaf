import type { Sql } from "../db/mod.ts";
import type { LogLine } from "./line.ts";
import { type LineFilter, listLinesAfter } from "./query_store.ts";

/** Goes on after a line, and how many there were before. */
export interface LinesPosition {
  readonly after: string | null;
  readonly lines: number;
}

export interface LineExportOptions extends LineFilter {
  readonly limit?: number | undefined;
  readonly resume?: LinesPosition | undefined;
  readonly onPosition?: ((position: LinesPosition) => Promise<void> | void) | undefined;
  /** Gets each line, and how many there were before. */
  readonly write: (line: LogLine, index: number) => Promise<void> | void;
}

const PAGE = 2000;

/** Hands out the lines that a filter lets through, oldest first; answers their number. */
export async function exportLines(
  sql: Sql,
  { limit = Infinity, resume, onPosition, write, ...filter }: LineExportOptions,
): Promise<number> {
  let lines = resume?.lines ?? 0;
  let after = resume?.after ?? undefined;
  while (lines < limit) {
    const size = Math.min(PAGE, limit - lines);
    const page = await listLinesAfter(sql, filter, after, size);
    for (const line of page) await write(line, lines++);
    after = page.at(-1)?.id ?? after;
    await onPosition?.({ after: after ?? null, lines });
    if (page.length < size) break;
  }
  return lines;
}
