import type { Sql } from "../db/mod.ts";
import type { LogRow } from "./query_store.ts";

/** The number of the newest batch of each writer. */
export async function listPositions(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ writer: string; batch: number }[]>`select writer, batch from audit_head`;
  return new Map(rows.map((row) => [row.writer, row.batch]));
}

/** The rows of one writer's batches after number `after`, in the order in which they were committed. */
export async function listRowsOfBatches(
  sql: Sql,
  writer: string,
  after: number,
  limit: number,
): Promise<(LogRow & { readonly batch: number })[]> {
  return await sql<(LogRow & { batch: number })[]>`
    select b.batch, a.*
      from (select batch, row_ids from audit_batches
             where writer = ${writer} and batch > ${after} order by batch limit ${limit}) b
      cross join unnest(b.row_ids) with ordinality u(id, k)
      join audit a on a.id = u.id
     order by b.batch, u.k
  `;
}

/** A row with its batch; without one where retention dropped it. */
export type BatchedRow =
  | (LogRow & { readonly batch: number })
  | { readonly batch: number; readonly id: null };

/**
 * The rows of whole batches after number `after`: of `batches` at most, and of no further one once there are
 * `rows`. A batch whose rows are dropped answers with rows without an id.
 */
export async function listBatchedRows(
  sql: Sql,
  writer: string,
  after: number,
  { batches, rows }: { readonly batches: number; readonly rows: number },
): Promise<BatchedRow[]> {
  return await sql<BatchedRow[]>`
    select b.batch, a.*
      from (select batch, row_ids, sum(cardinality(row_ids)) over (order by batch) as total
              from (select batch, row_ids from audit_batches
                     where writer = ${writer} and batch > ${after} order by batch limit ${batches}) c) b
      cross join unnest(b.row_ids) with ordinality u(id, k)
      left join audit a on a.id = u.id
     where b.total - cardinality(b.row_ids) < ${rows}
     order by b.batch, u.k
  `;
}
