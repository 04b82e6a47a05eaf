import type { Sql } from "../db/mod.ts";
import type { ChainPoint, SkeletonBatch } from "./chain_check.ts";
import { integerOf } from "./stored.ts";

/** `target` of the rows that account for dropped partitions. */
export const RETENTION_TARGET = "audit:retention";

/** A batch with the rows it holds, in order. */
export interface StoredBatch extends SkeletonBatch {
  readonly rowIds: readonly string[];
}

/** Makes the transaction fit for a long read: nothing cancels it, and sorts get some memory. */
export async function prepareLongRead(sql: Sql): Promise<void> {
  await sql`
    select set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true),
           set_config('idle_in_transaction_session_timeout', '0', true), set_config('jit', 'off', true)
  `;
}

/** Every writer that the skeleton, the heads or the seals know. */
export async function listWriters(sql: Sql): Promise<string[]> {
  const rows = await sql<{ writer: string }[]>`
    with recursive b as (
      (select writer from audit_batches order by writer limit 1)
      union all
      select (select x.writer from audit_batches x where x.writer > b.writer order by x.writer limit 1)
        from b where b.writer is not null
    ), s as (
      (select writer from audit_seals order by writer limit 1)
      union all
      select (select x.writer from audit_seals x where x.writer > s.writer order by x.writer limit 1)
        from s where s.writer is not null
    )
    select writer from b where writer is not null
    union select writer from s where writer is not null
    union select writer from audit_head
    order by writer
  `;
  return rows.map((row) => row.writer);
}

interface BatchRow {
  readonly batch: string;
  readonly firstN: string;
  readonly rowIds: string;
  readonly leaves: Uint8Array;
  readonly root: Uint8Array;
  readonly previousRoot: Uint8Array;
}

/** Batches of `writer` after number `after` up to `last`, in order. */
export async function listBatches(
  sql: Sql,
  writer: string,
  after: number,
  last: number,
  limit: number,
): Promise<StoredBatch[]> {
  const rows = await sql<BatchRow[]>`
    select b.batch::text, b.first_n::text, array_to_string(b.row_ids, ',', '') as row_ids, b.leaves,
           b.root, b.previous_root
      from audit_batches b
     where b.writer = ${writer} and b.batch > ${after} and b.batch <= ${last}
     order by b.batch limit ${limit}
  `;
  return rows.map((row) => ({
    batch: integerOf(row.batch) ?? NaN,
    firstN: integerOf(row.firstN) ?? NaN,
    rowIds: row.rowIds === "" ? [] : row.rowIds.split(","),
    leaves: row.leaves,
    root: row.root,
    previousRoot: row.previousRoot,
  }));
}

/**
 * A row's columns as text, in the table's order; `created_at` as seconds since the epoch, `null` only
 * where somebody took a constraint away.
 */
export type StoredRow = readonly (string | null)[];

/** Rows with one of `ids`, in no order; only those created in `[from, to]` where that is given. */
export async function listRows(
  sql: Sql,
  ids: readonly string[],
  period?: { readonly from: Date; readonly to: Date },
): Promise<StoredRow[]> {
  return await sql<{ row: string }[]>`
    select id::text, extract(epoch from created_at)::text, kind, call_id::text, user_id, session_id, task_id,
           trace_id, context_id, client_id, role, surface, target, decision, policy, detail::text,
           cost_microdollars::text, latency_us::text
      from audit
     where id = any (${`{${ids.join(",")}}`}::text::uuid[])
     ${period ? sql`and created_at >= ${period.from} and created_at <= ${period.to}` : sql``}
  `.values() as unknown as StoredRow[];
}

/** A row that no batch holds, that two hold, or that is in the table twice. */
export interface StrayRow {
  readonly row: string;
  readonly held: number;
  readonly stored: number;
}

/** Rows whose number in the table or in the skeleton is not one, missing payload aside; at most `limit`. */
export async function listStrayRows(sql: Sql, limit: number): Promise<StrayRow[]> {
  return await sql<StrayRow[]>`
    select id::text as row, sum(held)::int as held, sum(stored)::int as stored
      from (select unnest(row_ids) as id, 1 as held, 0 as stored from audit_batches
            union all
            select id, 0, 1 from audit) both_sides
     group by id
    having sum(held) <> 1 or sum(stored) > 1
     order by 1 limit ${limit}
  `;
}

export interface Period {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** As `listStrayRows`, for the rows created in a period. */
export async function listStrayRowsOf(
  sql: Sql,
  { since, until }: Period,
  limit: number,
): Promise<StrayRow[]> {
  const from = since?.toISOString() ?? "-infinity";
  const to = until?.toISOString() ?? "infinity";
  const within =
    sql`created_at >= ${from}::text::timestamptz and created_at < ${to}::text::timestamptz`;
  return await sql<StrayRow[]>`
    with stored as (select id, count(*) as copies from audit where ${within} group by id),
         held as (select h.id, count(*) as copies
                    from (select unnest(row_ids) as id from audit_batches) h
                   where h.id in (select id from stored) group by h.id)
    select s.id::text as row, coalesce(h.copies, 0)::int as held, s.copies::int as stored
      from stored s left join held h using (id)
     where s.copies > 1 or coalesce(h.copies, 0) <> 1
     order by 1 limit ${limit}
  `;
}

/** First and last batch of `writer` that a range touches; undefined when none does. */
export async function findBatchRange(
  sql: Sql,
  writer: string,
  range: {
    readonly from: number;
    readonly to: number;
    readonly firstId: string;
    readonly lastId: string;
  },
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const [row] = await sql<{ first: number | null; last: number | null }[]>`
    select min(batch) as first, max(batch) as last
      from audit_batches
     where writer = ${writer}
       and first_n <= ${range.to} and first_n + cardinality(row_ids) > ${range.from}
       and (row_ids[cardinality(row_ids)] >= ${range.firstId} or row_ids[1] >= ${range.firstId})
       and (row_ids[1] <= ${range.lastId} or row_ids[cardinality(row_ids)] <= ${range.lastId})
  `;
  const { first = null, last = null } = row ?? {};
  return first === null || last === null ? undefined : { first, last };
}

/** Batch and number of the seals around a range of batches, so that both its ends are signed. */
export async function findSealsAround(
  sql: Sql,
  writer: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<
  { readonly before?: { seal: number; batch: number }; readonly after?: { batch: number } }
> {
  const [before] = await sql<{ seal: number; batch: number }[]>`
    select seal, batch from audit_seals where writer = ${writer} and batch < ${first}
     order by seal desc limit 1
  `;
  const [after] = await sql<{ batch: number }[]>`
    select batch from audit_seals where writer = ${writer} and batch >= ${last} order by seal limit 1
  `;
  return { ...before && { before }, ...after && { after } };
}

/** The end of batch `batch` of `writer`: what the next one continues from. */
export async function findPoint(
  sql: Sql,
  writer: string,
  batch: number,
): Promise<ChainPoint | undefined> {
  const [row] = await sql<{ n: number; root: Uint8Array }[]>`
    select first_n + cardinality(row_ids) - 1 as n, root
      from audit_batches where writer = ${writer} and batch = ${batch}
  `;
  return row && { n: row.n, batch, root: row.root };
}

/** What the retention events in the table say. */
export async function listRetentionDetails(sql: Sql): Promise<unknown[]> {
  const rows = await sql<{ detail: unknown }[]>`
    select detail from audit
     where kind = 'system' and target = ${RETENTION_TARGET} order by created_at, id
  `;
  return rows.map((row) => row.detail);
}
