import type { Sql } from "../db/mod.ts";

/** Whom or what a ban is about. */
export interface BanSubject {
  readonly kind: "user" | "address";
  /** A user's id, or an IP address or network in its canonical spelling. */
  readonly subject: string;
}

/** A ban, in force or over. */
export interface Ban extends BanSubject {
  readonly reason: string;
  readonly createdAt: Date;
  /** null: for good. */
  readonly expiresAt: Date | null;
}

/** Stores a ban in the place of an earlier one of the same subject. */
export async function upsertBan(sql: Sql, ban: Omit<Ban, "createdAt">): Promise<Ban> {
  const [row] = await sql<Ban[]>`
    insert into bans (subject_kind, subject, reason, expires_at)
    values (${ban.kind}, ${ban.subject}, ${ban.reason}, ${ban.expiresAt})
    on conflict (subject_kind, subject) do update
       set reason = excluded.reason, expires_at = excluded.expires_at, created_at = clock_timestamp()
    returning subject_kind as kind, subject, reason, created_at, expires_at
  `;
  if (!row) throw new Error(`Cannot store the ban of "${ban.subject}"`);
  return row;
}

/** False when there was none. */
export async function deleteBan(sql: Sql, { kind, subject }: BanSubject): Promise<boolean> {
  const { count } = await sql`
    delete from bans where subject_kind = ${kind} and subject = ${subject}
  `;
  return count > 0;
}

/** The bans in force, newest first. */
export async function listBans(sql: Sql, limit: number): Promise<Ban[]> {
  return await sql<Ban[]>`
    select subject_kind as kind, subject, reason, created_at, expires_at
      from bans where expires_at is null or expires_at > clock_timestamp()
     order by created_at desc limit ${limit}
  `;
}

/** The banned addresses and networks, with the milliseconds that each ban has left; null: for good. */
export async function listAddressBans(
  sql: Sql,
): Promise<{ readonly subject: string; readonly remainingMs: number | null }[]> {
  return await sql`
    select subject,
           (extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as remaining_ms
      from bans
     where subject_kind = 'address' and (expires_at is null or expires_at > clock_timestamp())
  `;
}
