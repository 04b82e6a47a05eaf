import type { Tier } from "../kernel/tiers.ts";
import type { Sql } from "../db/mod.ts";
import type { UserStatus } from "./user_store.ts";

/** What the database says now about the session and the user of a token. */
export interface Standing {
  readonly userId: string;
  readonly tokenId: string;
  readonly audience: string;
  readonly role: Tier;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly status: UserStatus;
  readonly roles: readonly Tier[];
  readonly department: string | null;
  readonly banned: boolean;
}

/** One round trip for all that can void a token; undefined when the session does not exist. */
export async function findStanding(sql: Sql, sessionId: string): Promise<Standing | undefined> {
  const [standing] = await sql<Standing[]>`
    select s.user_id, s.token_id, s.audience, s.role, s.expires_at, s.revoked_at,
           u.status, u.roles, u.department,
           exists (select 1 from bans b
                    where b.subject_kind = 'user' and b.subject = u.id
                      and (b.expires_at is null or b.expires_at > clock_timestamp())) as banned
      from sessions s join users u on u.id = s.user_id
     where s.id = ${sessionId}
  `;
  return standing;
}

/** Whether the user is banned now. */
export async function hasActiveBan(sql: Sql, userId: string): Promise<boolean> {
  const rows = await sql`
    select 1 from bans
     where subject_kind = 'user' and subject = ${userId}
       and (expires_at is null or expires_at > clock_timestamp())
  `;
  return rows.length > 0;
}
