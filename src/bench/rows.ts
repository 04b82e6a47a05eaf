import { openPool, type Sql } from "../db/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { uuidV7 } from "../kernel/ids.ts";

/** The decision rows of one benchmark run. */
export interface RowCounts {
  readonly rows: number;
  /** Distinct requests among them: fewer than `rows` if one was recorded twice. */
  readonly requests: number;
  readonly sessions: number;
  readonly allow: number;
  readonly deny: number;
  /** Of `deny`: refused by a limit. */
  readonly limited: number;
}

/**
 * Counts the decisions whose client session is `marker`, recorded since `since` (milliseconds since the epoch).
 * Each request has a tool use of its own, so the number of tool uses is the number of requests.
 */
export async function countRows(sql: Sql, marker: string, since: number): Promise<RowCounts> {
  const from = `${uuidV7(since).slice(0, 13)}-0000-0000-000000000000`;
  const [counts] = await sql<RowCounts[]>`
    select count(*)::int as rows,
           count(distinct task_id)::int as requests,
           count(distinct session_id)::int as sessions,
           count(*) filter (where decision = 'allow')::int as allow,
           count(*) filter (where decision = 'deny')::int as deny,
           count(*) filter (where policy in ('rate_limit', 'budget'))::int as limited
      from audit
     where id >= ${from}::uuid and kind = 'decision' and context_id = ${marker}
  `;
  if (!counts) throw new Error("A count without a row");
  return counts;
}

/** As `countRows`, over a connection of its own. */
export async function countRowsAt(
  database: DatabaseAddress,
  marker: string,
  since: number,
): Promise<RowCounts> {
  const sql = openPool(database, { max: 1, applicationName: "spgov bench" });
  try {
    return await countRows(sql, marker, since);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
