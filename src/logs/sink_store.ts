import type { Sql } from "../db/mod.ts";

/** A collector as an operator sees it. */
export interface SinkState {
  readonly name: string;
  readonly leaseHolder: string | null;
  readonly leaseUntil: Date | null;
  readonly wantedAt: Date;
  readonly delivered: number;
  readonly refused: number;
  readonly lastDeliveredAt: Date | null;
  readonly failingSince: Date | null;
  readonly lastError: string | null;
  /** Batches of the audit and lines that it has not taken yet. */
  readonly waiting: number;
}

/** Every collector that was ever wanted, with how far behind it is. */
export async function listSinks(sql: Sql): Promise<SinkState[]> {
  return await sql<SinkState[]>`
    select s.name, s.lease_holder, s.lease_until, s.wanted_at, s.delivered, s.refused,
           s.last_delivered_at, s.failing_since, s.last_error,
           (select coalesce(sum(greatest(case c.source when 'logs' then l.n else a.batch end - c.position, 0)), 0)
              from log_cursors c
              left join log_heads l on c.source = 'logs' and l.writer = c.writer
              left join audit_head a on c.source = 'audit' and a.writer = c.writer
             where c.sink = s.name)::bigint as waiting
      from log_sinks s order by s.name
  `;
}

/** An event that a collector will never take. */
export interface RefusedEvent {
  readonly source: string;
  readonly eventId: string;
  readonly reason: string;
  readonly refusedAt: Date;
}

/** Events that a collector refused, newest first. */
export async function listRefused(sql: Sql, sink: string, limit: number): Promise<RefusedEvent[]> {
  return await sql<RefusedEvent[]>`
    select source, event_id, reason, refused_at from log_refused
     where sink = ${sink} order by refused_at desc limit ${limit}
  `;
}
