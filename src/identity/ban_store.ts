import type { Sql } from "../db/mod.ts";

/** What a ban may be about. */
export type BanKind = "user" | "address" | "device";

/** Whom or what a ban is about. */
export interface BanSubject {
  readonly kind: BanKind;
  /** A user's id, a device's, or an IP address or network in its canonical spelling. */
  readonly subject: string;
}

/** A ban, in force or over. */
export interface Ban extends BanSubject {
  readonly reason: string;
  readonly createdAt: Date;
  /** null: for good. */
  readonly expiresAt: Date | null;
  /** Through what it was added: `cli`, `api`. */
  readonly source: string;
  /** Id of whoever added it. */
  readonly createdBy: string;
  /** How often this subject was banned, this time included, since it was last lifted. */
  readonly times: number;
}

/** Which bans to list. */
export interface BanFilter {
  readonly kind?: BanKind;
  readonly source?: string;
}

/** Stores a ban in the place of an earlier one of the same subject. */
export async function upsertBan(sql: Sql, ban: Omit<Ban, "createdAt" | "times">): Promise<Ban> {
  const [row] = await sql<Ban[]>`
    insert into bans (subject_kind, subject, reason, expires_at, source, created_by)
    values (${ban.kind}, ${ban.subject}, ${ban.reason}, ${ban.expiresAt}, ${ban.source}, ${ban.createdBy})
    on conflict (subject_kind, subject) do update
       set reason = excluded.reason, expires_at = excluded.expires_at, source = excluded.source,
           created_by = excluded.created_by, created_at = clock_timestamp(), times = bans.times + 1
    returning ${banColumns(sql)}
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
export async function listBans(
  sql: Sql,
  limit: number,
  { kind, source }: BanFilter = {},
): Promise<Ban[]> {
  return await sql<Ban[]>`
    select ${banColumns(sql)} from bans
     where (expires_at is null or expires_at > clock_timestamp())
       ${kind === undefined ? sql`` : sql`and subject_kind = ${kind}`}
       ${source === undefined ? sql`` : sql`and source = ${source}`}
     order by created_at desc limit ${limit}
  `;
}

/** The bans in force of these subjects. */
export async function findBans(
  sql: Sql,
  kind: BanKind,
  subjects: readonly string[],
): Promise<Ban[]> {
  return await sql<Ban[]>`
    select ${banColumns(sql)} from bans
     where subject_kind = ${kind} and subject = any(${subjects as string[]})
       and (expires_at is null or expires_at > clock_timestamp())
  `;
}

/** Forgets bans that are over; how many they were. */
export async function deleteExpiredBans(sql: Sql): Promise<number> {
  const { count } = await sql`delete from bans where expires_at <= clock_timestamp()`;
  return count;
}

/** The columns of a ban. */
export function banColumns(sql: Sql): ReturnType<Sql> {
  return sql`subject_kind as kind, subject, reason, created_at, expires_at, source, created_by, times`;
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
