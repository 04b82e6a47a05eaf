import type { Sql } from "../db/mod.ts";
import { highestTier, mayActAs, type User, type UserStatus } from "../identity/mod.ts";
import type { Tier } from "../kernel/tiers.ts";

/** A user as grants see them: who may hold a token now, and as what. */
export interface TokenHolder {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tier: Tier;
  readonly department: string | null;
}

type HolderRow = Pick<User, "id" | "name" | "email" | "roles" | "department"> & {
  readonly status: UserStatus;
  readonly banned: boolean;
};

/**
 * The user, when they may hold tokens now: active, not banned, with a role. `as`: the tier of a session that
 * is open; their highest unless given.
 */
export async function findTokenHolder(
  sql: Sql,
  userId: string,
  as?: Tier,
): Promise<TokenHolder | undefined> {
  const [row] = await sql<HolderRow[]>`
    select id, coalesce(display_name, full_name, name) as name, email, roles, department, status,
           exists (select 1 from bans b
                    where b.subject_kind = 'user' and b.subject = u.id
                      and (b.expires_at is null or b.expires_at > clock_timestamp())) as banned
      from users u where id = ${userId}
  `;
  const tier = row && (as ?? highestTier(row.roles));
  if (!row || row.status !== "active" || row.banned || !tier) return undefined;
  if (!mayActAs(row.roles, tier)) return undefined;
  const { id, name, email, department } = row;
  return { id, name, email, tier, department };
}

/** Whether a session counts now. */
export async function isSessionOpen(sql: Sql, sessionId: string): Promise<boolean> {
  const rows = await sql`
    select 1 from sessions
     where id = ${sessionId} and revoked_at is null and expires_at > clock_timestamp()
  `;
  return rows.length > 0;
}

/** A session that one client has without a person, with at least `seconds` left. */
export async function findClientSession(
  sql: Sql,
  userId: string,
  clientId: string,
  role: Tier,
  seconds: number,
): Promise<{ readonly id: string; readonly expiresAt: Date } | undefined> {
  const [session] = await sql<{ id: string; expiresAt: Date }[]>`
    select id, expires_at from sessions
     where user_id = ${userId} and client_id = ${clientId} and audience = 'mcp' and role = ${role}
       and revoked_at is null and expires_at > clock_timestamp() + make_interval(secs => ${seconds})
     order by created_at desc limit 1
  `;
  return session;
}
