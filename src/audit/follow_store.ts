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
