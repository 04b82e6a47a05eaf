import type { Sql } from "../db/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import type { Audience } from "./token_claims.ts";

/** A key as it is stored: a session with a secret of its own, of which only the hash is kept. */
export interface ApiKey {
  readonly id: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  /** The beginning of the key, which may be shown. */
  readonly prefix: string;
  readonly audiences: readonly Audience[];
  /** Permissions and scopes of MCP servers, as globs (`audit:read`, `users:*`, `*`). */
  readonly scopes: readonly string[];
  /** Id of whoever made it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly role: Tier;
  readonly agent: string | null;
  readonly device: string | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** Up to a minute late; null: never. */
  readonly lastUsedAt: Date | null;
  readonly lastAddress: string | null;
}

/** A key that begins. */
export type NewApiKey =
  & Pick<
    ApiKey,
    | "id"
    | "sessionId"
    | "userId"
    | "name"
    | "prefix"
    | "audiences"
    | "scopes"
    | "createdBy"
    | "createdAt"
  >
  & { readonly hash: Uint8Array };

/** Which keys to list or count. */
export interface ApiKeyFilter {
  readonly userId?: string;
  /** Only those neither revoked nor expired. */
  readonly active?: boolean;
}

/** Its session has to be there. */
export async function insertApiKey(sql: Sql, key: NewApiKey): Promise<void> {
  await sql`
    insert into api_keys (id, session_id, user_id, name, prefix, hash, audiences, scopes, created_by, created_at)
    values (${key.id}, ${key.sessionId}, ${key.userId}, ${key.name}, ${key.prefix}, ${key.hash},
            ${key.audiences as Audience[]}, ${key
    .scopes as string[]}, ${key.createdBy}, ${key.createdAt})
  `;
}

/** The key whose hash this is, revoked or not. */
export async function findApiKeyByHash(sql: Sql, hash: Uint8Array): Promise<ApiKey | undefined> {
  const [key] = await sql<ApiKey[]>`${selectKeys(sql)} where k.hash = ${hash}`;
  return key;
}

/** By id, prefix or the id of its session; by a name only where the user is given. */
export async function findApiKeys(sql: Sql, reference: string): Promise<ApiKey[]> {
  return await sql<ApiKey[]>`
    ${selectKeys(sql)}
     where k.id = ${reference} or k.prefix = ${reference} or k.session_id = ${reference} or k.name = ${reference}
     order by (k.id = ${reference}) desc, k.created_at limit 20
  `;
}

/** Newest first. */
export async function listApiKeys(
  sql: Sql,
  filter: ApiKeyFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<ApiKey[]> {
  return await sql<ApiKey[]>`
    ${selectKeys(sql)} where ${matches(sql, filter)}
     order by k.created_at desc, k.id desc limit ${page.limit} offset ${page.offset}
  `;
}

export async function countApiKeys(sql: Sql, filter: ApiKeyFilter): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from api_keys k join sessions s on s.id = k.session_id
     where ${matches(sql, filter)}
  `;
  return row?.n ?? 0;
}

/** Keys `k` with their sessions `s`, up to the condition. */
export function selectKeys(sql: Sql): ReturnType<Sql> {
  return sql`
    select k.id, k.session_id, k.user_id, k.name, k.prefix, k.audiences, k.scopes, k.created_by,
           k.created_at, s.role, s.agent, s.device, s.expires_at, s.revoked_at,
           l.used_at as last_used_at, l.address as last_address
      from api_keys k join sessions s on s.id = k.session_id
      left join session_uses l on l.session_id = k.session_id
  `;
}

function matches(sql: Sql, { userId, active }: ApiKeyFilter): ReturnType<Sql> {
  return sql`
    true
    ${userId === undefined ? sql`` : sql`and k.user_id = ${userId}`}
    ${active ? sql`and s.revoked_at is null and s.expires_at > clock_timestamp()` : sql``}
  `;
}
