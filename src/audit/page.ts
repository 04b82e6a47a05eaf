import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import { findScanEnd, pageRows, type RowColumn, type RowConditions } from "./page_store.ts";
import type { Page } from "./query.ts";
import type { LogRow } from "./query_store.ts";

/** Which rows a page is of. */
export interface RowPageFilter {
  readonly conditions: RowConditions;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/**
 * Rows that one page looks at, however few of them it gives: what it costs has an end. Those that an index
 * finds lie apart from each other.
 */
const SCAN = { ordered: 3000, scattered: 500 };

/** The most telling first: what has an index in the order of the list. */
const LEADING: readonly RowColumn[] = [
  "trace_id",
  "session_id",
  "user_id",
  "policy",
  "decision",
  "kind",
];

/** Values so frequent that they are found by going through all rows. */
const FREQUENT: Readonly<Partial<Record<RowColumn, readonly string[]>>> = {
  policy: ["default_allow", "none"],
  decision: ["allow", "ok"],
  kind: ["decision", "outcome"],
};

/**
 * Rows of any kind, newest first. `next` continues the list, and may stand on a page that is short or empty:
 * a page looks at a bounded number of rows, whatever the filter.
 */
export async function listRowPage(
  sql: Sql,
  { conditions, since, until }: RowPageFilter,
  before: string | undefined,
  limit: number,
): Promise<Page<LogRow>> {
  const { leading, narrowing } = divide(conditions);
  const scan = Object.keys(leading).length === 0 ? SCAN.ordered : SCAN.scattered;
  const range = { before, since: boundOf(since), until: boundOf(until) };
  const rows = await pageRows(sql, leading, narrowing, range, { limit: limit + 1, scan });
  const items = rows.slice(0, limit);
  if (rows.length > limit) return { items, next: items.at(-1)?.id };
  if (Object.keys(narrowing).length === 0) return { items, next: undefined };
  const end = await findScanEnd(sql, leading, range, scan);
  return { items, next: end.rows === scan ? end.oldest ?? undefined : undefined };
}

/** One condition that an index answers, if there is one, and those that its rows are looked at for. */
function divide(
  conditions: RowConditions,
): { readonly leading: RowConditions; readonly narrowing: RowConditions } {
  const column = LEADING.find((name) => {
    const value = conditions[name];
    return value !== undefined && !FREQUENT[name]?.includes(value);
  });
  if (column === undefined) return { leading: {}, narrowing: conditions };
  const { [column]: value, ...narrowing } = conditions;
  return { leading: value === undefined ? {} : { [column]: value }, narrowing };
}

function boundOf(at: Date | undefined): { readonly id: string; readonly at: Date } | undefined {
  return at && { id: lowestUuidV7(at.getTime()), at };
}
