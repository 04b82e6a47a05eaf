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
  /** Names from the department up to the top of the tree. */
  readonly departments: readonly string[];
  /** Names of the user's groups. */
  readonly groups: readonly string[];
  /** The user, or the device of the session. */
  readonly banned: boolean;
}

/** One round trip for all that can void a token; undefined when the session does not exist. */
export async function findStanding(sql: Sql, sessionId: string): Promise<Standing | undefined> {
  const [standing] = await sql<Standing[]>`
    select * from session_standing where session_id = ${sessionId}
  `;
  return standing;
}

/** Whether the user is banned now, or the device where one is given. */
export async function hasActiveBan(sql: Sql, userId: string, device?: string): Promise<boolean> {
  const rows = await sql`
    select 1 from bans
     where (subject_kind = 'user' and subject = ${userId}
            or subject_kind = 'device' and subject = ${device ?? null})
       and (expires_at is null or expires_at > clock_timestamp())
     limit 1
  `;
  return rows.length > 0;
}
