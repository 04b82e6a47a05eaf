import type { Sql } from "../db/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import { type ApiKey, selectKeys } from "./api_key_store.ts";
import { type Ban, banColumns, type BanKind, type BanSubject } from "./ban_store.ts";
import type { SessionAudience, UsedSession } from "./session_store.ts";
import type { Group } from "./group_store.ts";
import type { User, UserKind, UserStatus } from "./user_store.ts";

/** Which users a page is of. Each has an index of its own, in the order of the list. */
export interface UserPageFilter {
  /** Everybody but deleted users unless given. */
  readonly status?: UserStatus | undefined;
  readonly kind?: UserKind | undefined;
  readonly role?: Tier | undefined;
  readonly department?: string | undefined;
  /** The whole email, in any case. */
  readonly email?: string | undefined;
  /** How the name begins, in any case. */
  readonly namePrefix?: string | undefined;
}

/** Users by id, which is oldest first, from behind the id `after`. */
export async function pageUsers(
  sql: Sql,
  { status, kind, role, department, email, namePrefix }: UserPageFilter,
  after: string | undefined,
  limit: number,
): Promise<User[]> {
  return await sql<User[]>`
    select * from users
     where ${status === undefined ? sql`status <> 'deleted'` : sql`status = ${status}`}
     ${kind === undefined ? sql`` : ofKind(sql, kind)}
     ${role === undefined ? sql`` : sql`and ${ofRole(sql, role)}`}
     ${department === undefined ? sql`` : sql`and department = ${department}`}
     ${email === undefined ? sql`` : sql`and lower(email) = lower(${email})`}
     ${namePrefix === undefined ? sql`` : sql`and ${beginsWith(sql, namePrefix)}`}
     ${after === undefined ? sql`` : sql`and id > ${after}`}
     order by id limit ${limit}
  `;
}

function ofKind(sql: Sql, kind: UserKind): ReturnType<Sql> {
  return kind === "service" ? sql`and kind = 'service'` : sql`and kind = 'person'`;
}

/** In the words of the partial indexes, one for each tier: a parameter would not be found in them. */
function ofRole(sql: Sql, role: Tier): ReturnType<Sql> {
  const conditions: Readonly<Record<Tier, () => ReturnType<Sql>>> = {
    admin: () => sql`'admin' = any(roles)`,
    user: () => sql`'user' = any(roles)`,
    service: () => sql`'service' = any(roles)`,
    a2a: () => sql`'a2a' = any(roles)`,
    mcp: () => sql`'mcp' = any(roles)`,
    anonymous: () => sql`'anonymous' = any(roles)`,
  };
  return conditions[role]();
}

/** Bytewise, as the index compares, whatever the database's collation. */
function beginsWith(sql: Sql, prefix: string): ReturnType<Sql> {
  return sql`
    lower(name) ~>=~ lower(${prefix}::text)
    and lower(name) ~<~ (lower(${prefix}::text) || ${"\u{10ffff}"}::text)
  `;
}

/** Which sessions a page is of. */
export interface SessionPageFilter {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
  readonly audience?: SessionAudience | undefined;
  readonly clientId?: string | undefined;
  readonly device?: string | undefined;
  /** Only those neither revoked nor expired, or only those that are. */
  readonly active?: boolean | undefined;
}

/** Sessions by id, newest first, older than `before`. */
export async function pageSessions(
  sql: Sql,
  { id, userId, audience, clientId, device, active }: SessionPageFilter,
  before: string | undefined,
  limit: number,
): Promise<UsedSession[]> {
  return await sql<UsedSession[]>`
    select s.*, coalesce(b.seen_at, l.used_at) as last_used_at,
           coalesce(l.address, b.address) as last_address
      from (select * from sessions
             where true
             ${id === undefined ? sql`` : sql`and id = ${id}`}
             ${userId === undefined ? sql`` : sql`and user_id = ${userId}`}
             ${audience === undefined ? sql`` : sql`and audience = ${audience}`}
             ${clientId === undefined ? sql`` : sql`and client_id = ${clientId}`}
             ${device === undefined ? sql`` : sql`and device = ${device}`}
             ${active === undefined ? sql`` : activity(sql, active)}
             ${before === undefined ? sql`` : sql`and id < ${before}`}
             order by id desc limit ${limit}) s
      left join session_uses l on l.session_id = s.id
      left join browser_sessions b on b.session_id = s.id
     order by s.id desc
  `;
}

function activity(sql: Sql, active: boolean): ReturnType<Sql> {
  return active
    ? sql`and revoked_at is null and expires_at > clock_timestamp()`
    : sql`and (revoked_at is not null or expires_at <= clock_timestamp())`;
}

/** Bans in force of one kind or of all, by what they are about, from behind `after`. */
export async function pageBans(
  sql: Sql,
  kind: BanKind | undefined,
  after: BanSubject | undefined,
  limit: number,
): Promise<Ban[]> {
  return await sql<Ban[]>`
    select ${banColumns(sql)} from bans
     where (expires_at is null or expires_at > clock_timestamp())
     ${kind === undefined ? sql`` : sql`and subject_kind = ${kind}`}
     ${
    after === undefined
      ? sql``
      : sql`and (subject_kind, subject) > (${after.kind}, ${after.subject})`
  }
     order by subject_kind, subject limit ${limit}
  `;
}

/** The ban in force of this subject. */
export async function findBan(sql: Sql, { kind, subject }: BanSubject): Promise<Ban | undefined> {
  const [ban] = await sql<Ban[]>`
    select ${banColumns(sql)} from bans
     where subject_kind = ${kind} and subject = ${subject}
       and (expires_at is null or expires_at > clock_timestamp())
  `;
  return ban;
}

/** Groups by id, which is oldest first; the one of this id or name where it is given. */
export async function pageGroups(
  sql: Sql,
  { id, name }: { readonly id?: string | undefined; readonly name?: string | undefined },
  after: string | undefined,
  limit: number,
): Promise<Group[]> {
  return await sql<Group[]>`
    select * from groups
     where true
     ${id === undefined ? sql`` : sql`and id = ${id}`}
     ${name === undefined ? sql`` : sql`and lower(name) = lower(${name}::text)`}
     ${after === undefined ? sql`` : sql`and id > ${after}`}
     order by id limit ${limit}
  `;
}

/** Members of a group who are not deleted, by id. */
export async function pageMembers(
  sql: Sql,
  groupId: string,
  after: string | undefined,
  limit: number,
): Promise<User[]> {
  return await sql<User[]>`
    select u.* from group_members m join users u on u.id = m.user_id
     where m.group_id = ${groupId} and u.status <> 'deleted'
     ${after === undefined ? sql`` : sql`and m.user_id > ${after}`}
     order by m.user_id limit ${limit}
  `;
}

/** Which keys a page is of. */
export interface KeyPageFilter {
  readonly id?: string | undefined;
  readonly userId?: string | undefined;
  /** Only those neither revoked nor expired, or only those that are. */
  readonly active?: boolean | undefined;
}

/** Keys by id, newest first, older than `before`. */
export async function pageApiKeys(
  sql: Sql,
  { id, userId, active }: KeyPageFilter,
  before: string | undefined,
  limit: number,
): Promise<ApiKey[]> {
  return await sql<ApiKey[]>`
    ${selectKeys(sql)}
     where true
     ${id === undefined ? sql`` : sql`and k.id = ${id}`}
     ${userId === undefined ? sql`` : sql`and k.user_id = ${userId}`}
     ${active === undefined ? sql`` : activity(sql, active)}
     ${before === undefined ? sql`` : sql`and k.id < ${before}`}
     order by k.id desc limit ${limit}
  `;
}
