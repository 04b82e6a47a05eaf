import type { Sql } from "../db/mod.ts";

/** Revokes one access token, until it would have ended anyway; false when it was revoked before. */
export async function insertRevokedToken(
  sql: Sql,
  tokenId: string,
  sessionId: string,
  expiresAt: Date,
): Promise<boolean> {
  const { count } = await sql`
    insert into oauth_revoked_tokens (token_id, session_id, expires_at)
    values (${tokenId}, ${sessionId}, ${expiresAt})
    on conflict (token_id) do nothing
  `;
  return count === 1;
}
