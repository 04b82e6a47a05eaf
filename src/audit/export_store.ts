import type { Sql } from "../db/mod.ts";
import type { StoredRow } from "./verify_store.ts";

/** Which rows to hand out; everything when nothing is given. */
export interface RowFilter {
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
  readonly session?: string | undefined;
}

/** The rows after `(createdAt, id)` that a filter lets through, oldest first. */
export async function listRowsAfter(
  sql: Sql,
  { since, until, session }: RowFilter,
  after: { readonly epoch: string; readonly id: string } | undefined,
  limit: number,
): Promise<StoredRow[]> {
  const start = after ?? {
    epoch: `${(since?.getTime() ?? 0) / 1000}`,
    id: "00000000-0000-0000-0000-000000000000",
  };
  return await sql<{ row: string }[]>`
    select id::text, extract(epoch from created_at)::text, kind, call_id::text, user_id, session_id, task_id,
           trace_id, context_id, client_id, role, surface, target, decision, policy, detail::text,
           cost_microdollars::text, latency_us::text
      from audit
     where created_at >= to_timestamp(${start.epoch}::text::float8)
       and id > ${start.id}
     ${until ? sql`and created_at < ${until}` : sql``}
     ${session === undefined ? sql`` : sql`and session_id = ${session}`}
     order by id limit ${limit}
  `.values() as unknown as StoredRow[];
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
