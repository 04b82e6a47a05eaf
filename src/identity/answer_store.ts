import type { Sql } from "../db/mod.ts";
import type { ApiAnswer } from "../egress/mod.ts";

/** Whose key it is, and for what. */
export interface OnceKey {
  readonly userId: string;
  /** SHA-256 of the header `Idempotency-Key`. */
  readonly keyHash: Uint8Array;
  /** SHA-256 of route, parameters and body. */
  readonly requestHash: Uint8Array;
  readonly route: string;
}

/** A request that was answered before under the same key. */
export interface Answered {
  readonly requestHash: Uint8Array;
  readonly answer: ApiAnswer | null;
}

/** Takes the key; false where it is taken. Waits for a transaction under way that has taken it. */
export async function takeKey(
  sql: Sql,
  { userId, keyHash, requestHash, route }: OnceKey,
  lifeMs: number,
): Promise<boolean> {
  const { count } = await sql`
    insert into api_requests (user_id, key_hash, request_hash, route, expires_at)
    values (${userId}, ${keyHash}, ${requestHash}, ${route},
            clock_timestamp() + make_interval(secs => ${lifeMs / 1000}))
    on conflict (user_id, key_hash) do update
       set request_hash = excluded.request_hash, route = excluded.route, answer = null,
           created_at = clock_timestamp(), expires_at = excluded.expires_at
     where api_requests.expires_at <= clock_timestamp()
  `;
  return count === 1;
}

/** What was answered under the key. */
export async function findAnswered(
  sql: Sql,
  { userId, keyHash }: OnceKey,
): Promise<Answered | undefined> {
  const [row] = await sql<Answered[]>`
    select request_hash, answer from api_requests where user_id = ${userId} and key_hash = ${keyHash}
  `;
  return row && { ...row, requestHash: Uint8Array.from(row.requestHash) };
}

/** Keeps the answer, in the transaction of what it tells of. */
export async function keepAnswer(
  sql: Sql,
  { userId, keyHash }: OnceKey,
  answer: ApiAnswer,
): Promise<void> {
  await sql`
    update api_requests set answer = ${JSON.stringify(answer)}::text::jsonb
     where user_id = ${userId} and key_hash = ${keyHash}
  `;
}

/** Forgets answers that are not kept any more. */
export async function forgetAnswers(sql: Sql): Promise<number> {
  const { count } = await sql`delete from api_requests where expires_at <= clock_timestamp()`;
  return count;
}
