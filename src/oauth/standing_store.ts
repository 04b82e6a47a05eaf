import type { Sql } from "../db/mod.ts";
import type { Standing, TokenClaims } from "../identity/mod.ts";
import type { Tier } from "../kernel/tiers.ts";

/**
 * What the database says now about the session and the user of an access token. A session has many tokens:
 * its token is this one, unless this one was revoked. A key is its session's only one.
 */
export async function findTokenStanding(
  sql: Sql,
  { sid, jti, key }: Pick<TokenClaims, "sid" | "jti" | "key">,
): Promise<Standing | undefined> {
  const [standing] = await sql<Standing[]>`
    select *, case when ${key !== undefined} then token_id
                   when exists (select 1 from oauth_revoked_tokens r where r.token_id = ${jti}) then ''
                   else ${jti} end as token_id
      from session_standing
     where session_id = ${sid}
  `;
  return standing;
}

/** A session that is open now, and its user. */
export interface OpenSession {
  readonly id: string;
  readonly role: Tier;
  readonly roles: readonly Tier[];
  readonly department: string | null;
}

/** Those of the sessions that are open, of users who are active and not banned. */
export async function listOpenSessions(sql: Sql, ids: readonly string[]): Promise<OpenSession[]> {
  return await sql<OpenSession[]>`
    select session_id as id, role, roles, department
      from session_standing
     where session_id = any (${[...ids]})
       and revoked_at is null and expires_at > clock_timestamp()
       and status = 'active' and not banned
  `;
}
