import type { Sql } from "../../db/mod.ts";

export type Source = "audit" | "logs";

/** How far a collector is in what one writer wrote: the number of the last batch or line it took. */
export interface Cursor {
  readonly source: Source;
  readonly writer: string;
  readonly position: number;
}

/** Makes a collector known; true when it was not. */
export async function addSink(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql`
    insert into log_sinks (name) values (${name}) on conflict (name) do nothing returning 1 as one
  `;
  return rows.length === 1;
}

/** Stands for a source as a whole: whoever has it has begun with it. */
const BEGUN = "";

/**
 * Begins with a source where the collector has not yet: behind everything there is, or before it. What a
 * writer writes that nobody knew of then is sent from its first line.
 */
export async function beginSource(
  sql: Sql,
  sink: string,
  source: Source,
  start: "now" | "beginning",
): Promise<void> {
  await sql`
    with begun as (
      insert into log_cursors (sink, source, writer, position) values (${sink}, ${source}, ${BEGUN}, 0)
      on conflict do nothing returning 1
    )
    insert into log_cursors (sink, source, writer, position)
    select ${sink}, ${source}, h.writer, h.position
      from begun cross join (
        select writer, batch as position from audit_head where ${source} = 'audit'
        union all select writer, n from log_heads where ${source} = 'logs') h
     where ${start} = 'now'
    on conflict do nothing
  `;
}

/** Takes or keeps the lease on a collector; false while another replica has it. */
export async function takeLease(
  sql: Sql,
  { sink, holder, leaseMs, hasLines }: {
    readonly sink: string;
    readonly holder: string;
    readonly leaseMs: number;
    readonly hasLines: boolean;
  },
): Promise<boolean> {
  const rows = await sql`
    update log_sinks
       set lease_holder = ${holder}, wanted_at = clock_timestamp(), has_lines = ${hasLines},
           lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}::float8)
     where name = ${sink}
       and (lease_holder is null or lease_holder = ${holder} or lease_until < clock_timestamp())
    returning 1 as one
  `;
  return rows.length === 1;
}

/** Lets the next one have it at once. */
export async function releaseLease(sql: Sql, sink: string, holder: string): Promise<void> {
  await sql`
    update log_sinks set lease_holder = null, lease_until = null
     where name = ${sink} and lease_holder = ${holder}
  `;
}

export async function listCursors(sql: Sql, sink: string): Promise<Cursor[]> {
  return await sql<Cursor[]>`
    select source, writer, position from log_cursors where sink = ${sink} and writer <> ${BEGUN}
  `;
}

export interface Refused {
  readonly source: Source;
  readonly eventId: string;
  readonly reason: string;
}

/**
 * Writes down how far a collector is, and what it refused: with the lease or not at all. False when another
 * replica has the lease.
 */
export async function moveCursors(
  sql: Sql,
  { sink, holder, cursors, delivered, refused, refusals }: {
    readonly sink: string;
    readonly holder: string;
    readonly cursors: readonly Cursor[];
    readonly delivered: number;
    readonly refused: number;
    readonly refusals: readonly Refused[];
  },
): Promise<boolean> {
  const rows = await sql`
    with lease as (
      update log_sinks
         set delivered = delivered + ${delivered}, refused = refused + ${refused},
             last_delivered_at = case when ${delivered} > 0 then clock_timestamp() else last_delivered_at end,
             failing_since = null, last_error = null
       where name = ${sink} and lease_holder = ${holder}
      returning name
    ), moved as (
      insert into log_cursors as c (sink, source, writer, position)
      select name, source, writer, position from lease
       cross join json_to_recordset(${JSON.stringify(cursors)}::text::json)
               as x(source text, writer text, position bigint)
      on conflict (sink, source, writer) do update set position = greatest(c.position, excluded.position)
    ), noted as (
      insert into log_refused (sink, source, event_id, reason)
      select name, source, "eventId", reason from lease
       cross join json_to_recordset(${JSON.stringify(refusals)}::text::json)
               as x(source text, "eventId" uuid, reason text)
      on conflict do nothing
    )
    select 1 as one from lease
  `;
  return rows.length === 1;
}

/** Writes down why a collector takes nothing. */
export async function noteFailure(sql: Sql, sink: string, error: string): Promise<void> {
  await sql`
    update log_sinks set failing_since = coalesce(failing_since, clock_timestamp()), last_error = ${error}
     where name = ${sink}
  `;
}
