import type { Sql } from "../db/mod.ts";

/** Keeps rows of a time from retention, whatever is configured. */
export interface Hold {
  readonly id: string;
  readonly reason: string;
  /** null: from the beginning. */
  readonly since: Date | null;
  /** Exclusive; null: without end. */
  readonly until: Date | null;
  readonly placedBy: string;
  readonly placedAt: Date;
  readonly releasedBy: string | null;
  readonly releasedAt: Date | null;
}

export type NewHold = Pick<Hold, "id" | "reason" | "since" | "until" | "placedBy">;

export async function insertHold(sql: Sql, hold: NewHold): Promise<Hold> {
  const [row] = await sql<Hold[]>`
    insert into audit_holds (id, reason, since, until, placed_by)
    values (${hold.id}, ${hold.reason}, ${hold.since}, ${hold.until}, ${hold.placedBy})
    returning *
  `;
  if (!row) throw new Error("Cannot store the hold");
  return row;
}

/** Undefined when no hold in force has this id. */
export async function releaseHold(sql: Sql, id: string, by: string): Promise<Hold | undefined> {
  const [row] = await sql<Hold[]>`
    update audit_holds set released_by = ${by}, released_at = clock_timestamp()
     where id::text = ${id} and released_at is null
    returning *
  `;
  return row;
}

/** Newest first; those that were released only where `all`. */
export async function listHolds(sql: Sql, all = false): Promise<Hold[]> {
  return await sql<Hold[]>`
    select * from audit_holds where ${all} or released_at is null order by placed_at desc, id
  `;
}

/** Lets nobody place a hold until the transaction ends; the transaction must not have read anything yet. */
export async function lockHolds(sql: Sql): Promise<void> {
  await sql`lock table audit_holds in share mode`;
}

/** Reason of a hold in force over any of that time; undefined when there is none. */
export async function findHold(sql: Sql, from: Date, to: Date): Promise<string | undefined> {
  const [row] = await sql<{ reason: string }[]>`
    select reason from audit_holds
     where released_at is null and coalesce(since, '-infinity') < ${to} and coalesce(until, 'infinity') > ${from}
     order by placed_at limit 1
  `;
  return row?.reason;
}
