import type { Sql } from "../db/mod.ts";
import type { TracedRow } from "./span.ts";

/** A chain with batches that the collector does not have yet. */
export interface Behind {
  readonly writer: string;
  /** The last batch that it has. */
  readonly batch: number;
  /** The newest there is. */
  readonly newest: number;
}

/** Starts with what is committed from now on, for chains that are new. Those of `instance` only. */
export async function startCursors(sql: Sql, instance: string): Promise<void> {
  await sql`
    insert into telemetry_cursors (writer, batch)
    select writer, case when exists (select 1 from telemetry_cursors where starts_with(writer, ${
    instance + "/"
  }))
                        then 0 else batch end
      from audit_head where starts_with(writer, ${instance + "/"})
    on conflict (writer) do nothing
  `;
}

/** The chains of an instance that moved since. */
export async function listBehind(sql: Sql, instance: string): Promise<Behind[]> {
  return await sql<Behind[]>`
    select h.writer, c.batch, h.batch as newest
      from audit_head h join telemetry_cursors c on c.writer = h.writer
     where starts_with(h.writer, ${instance + "/"}) and h.batch > c.batch
     order by h.writer
  `;
}

/** Rows of the batches after number `after` and up to `last`; inputs and outputs stay. */
export async function listTracedRows(
  sql: Sql,
  { writer, batch: after }: Pick<Behind, "writer" | "batch">,
  last: number,
): Promise<(TracedRow & { readonly batch: number })[]> {
  return await sql<(TracedRow & { batch: number })[]>`
    select b.batch, a.id, a.created_at, a.kind, a.call_id, a.user_id, a.session_id, a.task_id, a.trace_id,
           a.context_id, a.client_id, a.surface, a.target, a.decision, a.policy, a.latency_us,
           a.cost_microdollars, a.detail ->> 'event' as event, a.detail ->> 'agent' as agent,
           a.detail ->> 'rule' as rule, a.detail ->> 'reason' as reason, a.detail ->> 'model' as model,
           (a.detail #>> '{tokens,input}')::float8 as input_tokens,
           (a.detail #>> '{tokens,output}')::float8 as output_tokens,
           a.detail #>> '{context,parent_span_id}' as parent_span_id, a.detail -> 'rules' as rules
      from (select batch, row_ids from audit_batches
             where writer = ${writer} and batch > ${after} and batch <= ${last}) b
      cross join unnest(b.row_ids) with ordinality u(id, k)
      join audit a on a.id = u.id and a.kind in ('decision', 'outcome')
     order by b.batch, u.k
  `;
}

/** The number of the `limit`-th batch after `after`, or of the last there is. */
export async function findLastBatch(
  sql: Sql,
  { writer, batch }: Pick<Behind, "writer" | "batch">,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ last: number | null }[]>`
    select max(batch) as last from (select batch from audit_batches
     where writer = ${writer} and batch > ${batch} order by batch limit ${limit}) page
  `;
  return row?.last ?? batch;
}

/** The collector has everything up to this batch. */
export async function saveCursor(sql: Sql, writer: string, batch: number): Promise<void> {
  await sql`update telemetry_cursors set batch = ${batch} where writer = ${writer}`;
}
