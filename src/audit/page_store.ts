import type { Sql } from "../db/mod.ts";
import type { LogRow } from "./query_store.ts";

/** A range of ids, newest first: ids are UUIDv7, so it is a range of time too. */
export interface RowRange {
  /** Only older rows. */
  readonly before: string | undefined;
  readonly since: { readonly id: string; readonly at: Date } | undefined;
  readonly until: { readonly id: string; readonly at: Date } | undefined;
}

/** Columns that a page can be narrowed by. */
export type RowColumn =
  | "trace_id"
  | "session_id"
  | "user_id"
  | "policy"
  | "decision"
  | "kind"
  | "surface"
  | "target";

/** Columns and the values that they are to have. */
export type RowConditions = Readonly<Partial<Record<RowColumn, string>>>;

/**
 * Rows newest first: at most `scan` of those with the `leading` conditions are looked at, which an index
 * finds in this order; of these the ones with the `narrowing` conditions are given.
 */
export async function pageRows(
  sql: Sql,
  leading: RowConditions,
  narrowing: RowConditions,
  range: RowRange,
  { limit, scan }: { readonly limit: number; readonly scan: number },
): Promise<LogRow[]> {
  return await sql<LogRow[]>`
    select * from (${scanned(sql, sql`*`, leading, range, scan)}) s
     where true ${conditions(sql, narrowing)}
     order by id desc limit ${limit}
  `;
}

/** How many rows such a page looks at, and the oldest of them. */
export async function findScanEnd(
  sql: Sql,
  leading: RowConditions,
  range: RowRange,
  scan: number,
): Promise<{ readonly rows: number; readonly oldest: string | null }> {
  const [end] = await sql<{ rows: number; oldest: string | null }[]>`
    select count(*)::int as rows, min(id::text) as oldest
      from (${scanned(sql, sql`id`, leading, range, scan)}) s
  `;
  return end ?? { rows: 0, oldest: null };
}

function scanned(
  sql: Sql,
  columns: ReturnType<Sql>,
  leading: RowConditions,
  { before, since, until }: RowRange,
  scan: number,
): ReturnType<Sql> {
  return sql`
    select ${columns} from audit
     where true ${conditions(sql, leading)} ${indexed(sql, leading)}
     ${before === undefined ? sql`` : sql`and id < ${before}`}
     ${since ? sql`and id >= ${since.id} and created_at >= ${since.at}` : sql``}
     ${until ? sql`and id < ${until.id} and created_at < ${until.at}` : sql``}
     order by id desc limit ${scan}
  `;
}

function conditions(sql: Sql, of: RowConditions): ReturnType<Sql> {
  let all: ReturnType<Sql> = sql``;
  for (const [column, value] of Object.entries(of)) all = sql`${all} and ${sql(column)} = ${value}`;
  return all;
}

/** In the words of the partial indexes: what a parameter is, the planner cannot know. */
function indexed(sql: Sql, { policy, decision, kind }: RowConditions): ReturnType<Sql> {
  if (policy !== undefined) return sql`and policy not in ('default_allow', 'none')`;
  if (decision !== undefined) return sql`and decision not in ('allow', 'ok')`;
  return kind === undefined ? sql`` : sql`and kind in ('identity', 'admin', 'system')`;
}

/** The row of this id. */
export async function findRowById(sql: Sql, id: string): Promise<LogRow | undefined> {
  const [row] = await sql<LogRow[]>`select * from audit where id = ${id}`;
  return row;
}
