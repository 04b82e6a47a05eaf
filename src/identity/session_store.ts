import type { Tier } from "../kernel/tiers.ts";
import type { Sql } from "../db/mod.ts";
import type { Audience } from "./token_claims.ts";

/** What a session is for: a token's audience, a browser, or whatever an API key opens. */
export type SessionAudience = Audience | "browser" | "key";

/** A session as it is stored. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  readonly audience: SessionAudience;
  readonly role: Tier;
  /** The agent that the token is bound to. */
  readonly agent: string | null;
  /** The `jti` of the one token that is good for it. */
  readonly tokenId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** Client address and program it was opened from, where they are known. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The device that it was opened on or for. */
  readonly device: string | null;
}

/** A session that begins. */
export type NewSession =
  & Omit<Session, "revokedAt" | "address" | "userAgent" | "device">
  & Partial<Pick<Session, "address" | "userAgent" | "device">>;

/** A session, and when and from where it was used last: up to a minute late, null: not that we know. */
export type UsedSession = Session & {
  readonly lastUsedAt: Date | null;
  readonly lastAddress: string | null;
};

/** Which sessions: exactly one of them. */
export type SessionSelector =
  | { readonly id: string }
  /** Of a user: all, or those for `audience`, but for the one of id `except`. */
  | { readonly userId: string; readonly audience?: SessionAudience; readonly except?: string }
  /** Those that an OAuth client has, for one user or for all. */
  | { readonly clientId: string; readonly ofUser?: string }
  /** That nobody used since then, or opened; `keepKeys` leaves those of API keys alone. */
  | { readonly unusedSince: Date; readonly keepKeys?: boolean }
  | { readonly all: true };

/** Which sessions to list or count. */
export interface SessionFilter {
  readonly userId?: string;
  readonly audience?: SessionAudience;
  readonly device?: string;
  /** Only those neither revoked nor expired. */
  readonly active?: boolean;
}

/** Stores a session that begins. */
export async function insertSession(sql: Sql, session: NewSession): Promise<void> {
  const { id, userId, clientId, audience, role, agent, tokenId, createdAt, expiresAt } = session;
  const { address = null, userAgent = null, device = null } = session;
  await sql`
    insert into sessions (id, user_id, client_id, audience, role, agent, token_id, created_at, expires_at,
                          address, user_agent, device)
    values (${id}, ${userId}, ${clientId}, ${audience}, ${role}, ${agent}, ${tokenId}, ${createdAt},
            ${expiresAt}, ${address}, ${userAgent}, ${device})
  `;
}

/** The session of this id, ended or not. */
export async function findSession(sql: Sql, id: string): Promise<Session | undefined> {
  const [session] = await sql<Session[]>`select * from sessions where id = ${id}`;
  return session;
}

/** Newest first. */
export async function listSessions(
  sql: Sql,
  filter: SessionFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<UsedSession[]> {
  return await sql<UsedSession[]>`
    select s.*, coalesce(b.seen_at, l.used_at) as last_used_at,
           coalesce(l.address, b.address) as last_address
      from (select * from sessions where ${matches(sql, filter)}
             order by created_at desc, id desc limit ${page.limit} offset ${page.offset}) s
      left join session_uses l on l.session_id = s.id
      left join browser_sessions b on b.session_id = s.id
     order by s.created_at desc, s.id desc
  `;
}

/** How many sessions match. */
export async function countSessions(sql: Sql, filter: SessionFilter): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from sessions where ${matches(sql, filter)}
  `;
  return row?.n ?? 0;
}

/** Revokes the selected sessions that are still good and returns them. */
export async function endSessionRows(sql: Sql, selector: SessionSelector): Promise<Session[]> {
  const which = "id" in selector
    ? sql`and id = ${selector.id}`
    : "clientId" in selector
    ? ofClient(sql, selector)
    : "userId" in selector
    ? ofUser(sql, selector)
    : "unusedSince" in selector
    ? unused(sql, selector.unusedSince, selector.keepKeys)
    : sql``;
  return await sql<Session[]>`
    update sessions set revoked_at = clock_timestamp()
     where revoked_at is null and expires_at > clock_timestamp() ${which}
    returning *
  `;
}

/** How many sessions would be ended as unused since then, but for those of API keys. */
export async function countUnused(sql: Sql, since: Date): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from sessions
     where revoked_at is null and expires_at > clock_timestamp() ${unused(sql, since, true)}
  `;
  return row?.n ?? 0;
}

function unused(sql: Sql, since: Date, keepKeys = false): ReturnType<Sql> {
  return sql`
    ${
    keepKeys
      ? sql`and not exists (select 1 from api_keys k where k.session_id = sessions.id)`
      : sql``
  }
    and created_at < ${since}
    and not exists (select 1 from session_uses l where l.session_id = sessions.id and l.used_at >= ${since})
    and not exists (select 1 from browser_sessions b where b.session_id = sessions.id and b.seen_at >= ${since})
  `;
}

function ofClient(
  sql: Sql,
  { clientId, ofUser: userId }: Extract<SessionSelector, { clientId: string }>,
): ReturnType<Sql> {
  return sql`
    and audience = 'mcp' and client_id = ${clientId}
    ${userId === undefined ? sql`` : sql`and user_id = ${userId}`}
  `;
}

function ofUser(
  sql: Sql,
  { userId, audience, except }: Extract<SessionSelector, { userId: string }>,
): ReturnType<Sql> {
  return sql`
    and user_id = ${userId}
    ${audience === undefined ? sql`` : sql`and audience = ${audience}`}
    ${except === undefined ? sql`` : sql`and id <> ${except}`}
  `;
}

function matches(
  sql: Sql,
  { userId, audience, device, active }: SessionFilter,
): ReturnType<Sql> {
  return sql`
    true
    ${userId === undefined ? sql`` : sql`and user_id = ${userId}`}
    ${audience === undefined ? sql`` : sql`and audience = ${audience}`}
    ${device === undefined ? sql`` : sql`and device = ${device}`}
    ${active ? sql`and revoked_at is null and expires_at > clock_timestamp()` : sql``}
  `;
}
