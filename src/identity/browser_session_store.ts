import type { Sql } from "../db/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import type { NewSession } from "./session_store.ts";

/** How somebody proved who they are. */
export type SignInMethod = "password" | "passkey" | "link" | "federation";

/** Where a browser was when it signed in. */
export interface BrowserOrigin {
  /** Client address, behind trusted proxies. */
  readonly address: string;
  readonly userAgent: string;
}

/** The user behind a browser session that counts now. */
export interface BrowserUser {
  readonly userId: string;
  readonly sessionId: string;
  /** When they proved who they are. */
  readonly authTime: Date;
  readonly method: SignInMethod;
  readonly name: string;
  readonly email: string;
  /** The tier of the session: the highest that the user held. */
  readonly role: Tier;
}

/** A browser session as its owner sees it. */
export interface BrowserSession extends BrowserOrigin {
  readonly sessionId: string;
  readonly method: SignInMethod;
  readonly createdAt: Date;
  readonly seenAt: Date;
}

/**
 * Stores a session whose user is let in now; false when the user is not active or is banned. One statement:
 * nothing changes between the question and the answer.
 */
export async function insertBrowserSession(
  sql: Sql,
  session: NewSession,
  tokenHash: Uint8Array,
  method: SignInMethod,
  { address, userAgent }: BrowserOrigin,
): Promise<boolean> {
  const { id, userId, clientId, audience, role, tokenId, createdAt, expiresAt } = session;
  const { count } = await sql`
    with opened as (
      insert into sessions (id, user_id, client_id, audience, role, token_id, created_at, expires_at,
                            address, user_agent)
      select ${id}, u.id, ${clientId}, ${audience}, ${role}, ${tokenId}, ${createdAt}, ${expiresAt},
             ${address}, ${userAgent}
        from users u
       where u.id = ${userId} and u.kind = 'person' and u.status = 'active' and ${role} = any(u.roles)
         and not exists (select 1 from bans b
                          where b.subject_kind = 'user' and b.subject = u.id
                            and (b.expires_at is null or b.expires_at > clock_timestamp()))
      returning id
    )
    insert into browser_sessions (token_hash, session_id, method, address, user_agent)
    select ${tokenHash}, opened.id, ${method}, ${address}, ${userAgent} from opened
  `;
  return count === 1;
}

/** Whose session this is, as long as it and its user count and it was used within `idleMs`; `due` to be touched. */
export async function findBrowserSession(
  sql: Sql,
  tokenHash: Uint8Array,
  idleMs: number,
): Promise<BrowserUser & { readonly due: boolean } | undefined> {
  const [found] = await sql<(BrowserUser & { readonly due: boolean })[]>`
    select u.id as user_id, s.id as session_id, b.method, u.name, u.email, s.role,
           s.created_at as auth_time,
           b.seen_at < clock_timestamp() - interval '1 minute' as due
      from browser_sessions b
      join sessions s on s.id = b.session_id
      join users u on u.id = s.user_id
     where b.token_hash = ${tokenHash}
       and b.seen_at > clock_timestamp() - make_interval(secs => ${idleMs / 1000})
       and s.audience = 'browser' and s.revoked_at is null and s.expires_at > clock_timestamp()
       and u.status = 'active' and s.role = any(u.roles)
       and not exists (select 1 from bans n
                        where n.subject_kind = 'user' and n.subject = u.id
                          and (n.expires_at is null or n.expires_at > clock_timestamp()))
  `;
  return found;
}

/** Notes that a session was used. */
export async function touchBrowserSession(sql: Sql, tokenHash: Uint8Array): Promise<void> {
  await sql`
    update browser_sessions set seen_at = clock_timestamp() where token_hash = ${tokenHash}
  `;
}

/** The browser sessions of a user that count now, the newest first. */
export async function listBrowserSessions(
  sql: Sql,
  userId: string,
  idleMs: number,
): Promise<BrowserSession[]> {
  return await sql<BrowserSession[]>`
    select b.session_id, b.method, b.address, b.user_agent, s.created_at, b.seen_at
      from browser_sessions b join sessions s on s.id = b.session_id
     where s.user_id = ${userId} and s.revoked_at is null and s.expires_at > clock_timestamp()
       and b.seen_at > clock_timestamp() - make_interval(secs => ${idleMs / 1000})
     order by s.created_at desc limit 100
  `;
}

/** Forgets the cookies of sessions that are over. */
export async function deleteOverBrowserSessions(sql: Sql, idleMs: number): Promise<void> {
  await sql`
    delete from browser_sessions b using sessions s
     where s.id = b.session_id
       and (s.revoked_at is not null or s.expires_at < clock_timestamp()
            or b.seen_at < clock_timestamp() - make_interval(secs => ${idleMs / 1000}))
  `;
}
