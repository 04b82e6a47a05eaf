import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { StoredRow } from "./verify_store.ts";

/** Which rows to hand out; everything when nothing is given. */
export interface RowFilter {
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
  readonly session?: string | undefined;
}

/**
 * The rows behind the id `after` that a filter lets through, oldest first, page after page of one reading: an
 * index is gone through once, however long it takes.
 */
export async function* listRowPages(
  sql: Sql,
  { since, until, session }: RowFilter,
  after: string | undefined,
  size: number,
): AsyncGenerator<StoredRow[]> {
  const low = after ?? lowestUuidV7(since?.getTime() ?? 0);
  const query = sql<{ id: string }[]>`
    select id::text, extract(epoch from created_at)::text as epoch, kind, call_id::text, user_id, session_id,
           task_id, trace_id, context_id, client_id, role, surface, target, decision, policy, detail::text,
           cost_microdollars::text, latency_us::text
      from audit
     where id > ${low}
     ${since ? sql`and created_at >= ${since}` : sql``}
     ${until ? sql`and created_at < ${until} and id < ${lowestUuidV7(until.getTime())}` : sql``}
     ${session === undefined ? sql`` : sql`and session_id = ${session}`}
     order by id
  `;
  for await (const page of query.cursor(size)) {
    yield page.map((row) => Object.values(row)) as unknown as StoredRow[];
  }
}

/** When the rows of a session were created; undefined when there are none. */
export async function findSessionPeriod(
  sql: Sql,
  session: string,
): Promise<{ readonly first: Date; readonly last: Date } | undefined> {
  const [row] = await sql<{ first: Date | null; last: Date | null }[]>`
    select min(created_at) as first, max(created_at) as last from audit where session_id = ${session}
  `;
  const { first = null, last = null } = row ?? {};
  return first === null || last === null ? undefined : { first, last };
}

/** Number and batch of the newest seal of `writer`; undefined when it was never sealed. */
export async function findNewestSealedBatch(
  sql: Sql,
  writer: string,
): Promise<{ readonly batch: number; readonly n: number } | undefined> {
  const [row] = await sql<{ batch: number; n: number }[]>`
    select batch, n from audit_seals where writer = ${writer} order by seal desc limit 1
  `;
  return row;
}
