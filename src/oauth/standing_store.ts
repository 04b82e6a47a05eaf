import type { Sql } from "../db/mod.ts";
import type { Standing } from "../identity/mod.ts";
import type { Tier } from "../kernel/tiers.ts";

/**
 * What the database says now about the session and the user of an access token. A session has many tokens:
 * its token is this one, unless this one was revoked.
 */
export async function findTokenStanding(
  sql: Sql,
  { sid, jti }: { readonly sid: string; readonly jti: string },
): Promise<Standing | undefined> {
  const [standing] = await sql<Standing[]>`
    select s.user_id, s.audience, s.role, s.expires_at, s.revoked_at, u.status, u.roles, u.department,
           case when exists (select 1 from oauth_revoked_tokens r where r.token_id = ${jti})
                then '' else ${jti} end as token_id,
           exists (select 1 from bans b
                    where b.subject_kind = 'user' and b.subject = u.id
                      and (b.expires_at is null or b.expires_at > clock_timestamp())) as banned
      from sessions s join users u on u.id = s.user_id
     where s.id = ${sid}
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
    select s.id, s.role, u.roles, u.department
      from sessions s join users u on u.id = s.user_id
     where s.id = any (${[...ids]})
       and s.revoked_at is null and s.expires_at > clock_timestamp()
       and u.status = 'active'
       and not exists (select 1 from bans b
                        where b.subject_kind = 'user' and b.subject = u.id
                          and (b.expires_at is null or b.expires_at > clock_timestamp()))
  `;
}
