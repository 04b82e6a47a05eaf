import type { Sql } from "../db/mod.ts";

/** What a code stands for. */
export interface StoredCode {
  readonly clientId: string;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce: string | null;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly userId: string;
  readonly browserSession: string;
  readonly authTime: Date;
}

/** Takes a code out: of any number who come with it, one gets it. */
export async function takeCode(sql: Sql, hash: Uint8Array): Promise<StoredCode | undefined> {
  const [code] = await sql<StoredCode[]>`
    delete from oauth_codes where code_hash = ${hash} and expires_at > clock_timestamp() returning *
  `;
  return code;
}

/** Remembers what a code became, for as long as that may last. */
export async function insertSpentCode(
  sql: Sql,
  hash: Uint8Array,
  sessionId: string,
  expiresAt: Date,
): Promise<void> {
  await sql`
    insert into oauth_spent_codes (code_hash, session_id, expires_at)
    values (${hash}, ${sessionId}, ${expiresAt})
  `;
}

/** The session that a code became, as long as it is open. */
export async function findSpentCode(
  sql: Sql,
  hash: Uint8Array,
): Promise<{ readonly sessionId: string; readonly userId: string } | undefined> {
  const [spent] = await sql<{ sessionId: string; userId: string }[]>`
    select s.id as session_id, s.user_id
      from oauth_spent_codes c join sessions s on s.id = c.session_id
     where c.code_hash = ${hash} and s.revoked_at is null and s.expires_at > clock_timestamp()
  `;
  return spent;
}
