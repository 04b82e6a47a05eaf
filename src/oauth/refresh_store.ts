import type { Sql } from "../db/mod.ts";
import type { Tier } from "../kernel/tiers.ts";

/** A refresh token. Its family is its session. */
export interface StoredRefresh {
  readonly tokenHash: Uint8Array;
  readonly sessionId: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly authTime: Date;
  readonly expiresAt: Date;
}

/** A refresh token with how it and its session stand. */
export interface RefreshStanding extends StoredRefresh {
  readonly usedAt: Date | null;
  readonly userId: string;
  /** The tier of its session. */
  readonly role: Tier;
  readonly sessionEnds: Date;
  /** The session was ended or is over. */
  readonly ended: boolean;
  readonly expired: boolean;
}

export async function insertRefresh(sql: Sql, token: StoredRefresh): Promise<void> {
  await sql`
    insert into oauth_refresh_tokens
      (token_hash, session_id, client_id, issuer, resource, scopes, auth_time, expires_at)
    values (${token.tokenHash}, ${token.sessionId}, ${token.clientId}, ${token.issuer}, ${token.resource},
            ${[...token.scopes]}, ${token.authTime}, ${token.expiresAt})
  `;
}

/** Marks the token used: of any number who come with it, one succeeds. */
export async function useRefresh(sql: Sql, hash: Uint8Array): Promise<boolean> {
  const { count } = await sql`
    update oauth_refresh_tokens set used_at = clock_timestamp()
     where token_hash = ${hash} and used_at is null
  `;
  return count === 1;
}

/** The token, used or not, with how its session stands. */
export async function findRefresh(
  sql: Sql,
  hash: Uint8Array,
): Promise<RefreshStanding | undefined> {
  const [token] = await sql<RefreshStanding[]>`
    select r.*, s.user_id, s.role, s.expires_at as session_ends,
           s.revoked_at is not null or s.expires_at <= clock_timestamp() as ended,
           r.expires_at <= clock_timestamp() as expired
      from oauth_refresh_tokens r join sessions s on s.id = r.session_id
     where r.token_hash = ${hash}
  `;
  return token;
}
