import type { Sql } from "../../db/mod.ts";

/** Stores a link in the place of the user's earlier ones. */
export async function replaceLinks(
  sql: Sql,
  userId: string,
  tokenHash: Uint8Array,
  ttlMs: number,
): Promise<Date> {
  await sql`delete from sign_in_links where user_id = ${userId}`;
  const [row] = await sql<{ expiresAt: Date }[]>`
    insert into sign_in_links (token_hash, user_id, expires_at)
    values (${tokenHash}, ${userId}, clock_timestamp() + make_interval(secs => ${ttlMs / 1000}))
    returning expires_at
  `;
  if (!row) throw new Error("Cannot store the sign-in link");
  return row.expiresAt;
}

/** Takes a link that is still good: whose it is. It is good for one. */
export async function takeLink(sql: Sql, tokenHash: Uint8Array): Promise<string | undefined> {
  const [row] = await sql<{ userId: string }[]>`
    delete from sign_in_links where token_hash = ${tokenHash} and expires_at > clock_timestamp()
    returning user_id
  `;
  return row?.userId;
}

/** Forgets links that nobody used in time. */
export async function deleteExpiredLinks(sql: Sql): Promise<void> {
  await sql`delete from sign_in_links where expires_at < clock_timestamp()`;
}
