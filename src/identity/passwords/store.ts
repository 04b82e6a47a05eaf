import type { Sql } from "../../db/mod.ts";

/** A password as it is stored. */
export interface StoredPassword {
  readonly hash: string;
  readonly setAt: Date;
}

/** The user's password; undefined when none was set. */
export async function findPassword(sql: Sql, userId: string): Promise<StoredPassword | undefined> {
  const [found] = await sql<StoredPassword[]>`
    select hash, set_at from passwords where user_id = ${userId}
  `;
  return found;
}

/** When the user's password was set; undefined when none was. */
export async function findPasswordTime(sql: Sql, userId: string): Promise<Date | undefined> {
  const [found] = await sql<Pick<StoredPassword, "setAt">[]>`
    select set_at from passwords where user_id = ${userId}
  `;
  return found?.setAt;
}

/** Stores a hash in the place of an earlier one. */
export async function upsertPassword(sql: Sql, userId: string, hash: string): Promise<void> {
  await sql`
    insert into passwords (user_id, hash) values (${userId}, ${hash})
    on conflict (user_id) do update set hash = excluded.hash, set_at = clock_timestamp()
  `;
}

/** Puts the hash of the same password at another cost in the place of the one that was verified. */
export async function renewHash(
  sql: Sql,
  userId: string,
  before: string,
  after: string,
): Promise<void> {
  await sql`update passwords set hash = ${after} where user_id = ${userId} and hash = ${before}`;
}

/** False when there was none. */
export async function deletePassword(sql: Sql, userId: string): Promise<boolean> {
  const { count } = await sql`delete from passwords where user_id = ${userId}`;
  return count > 0;
}
