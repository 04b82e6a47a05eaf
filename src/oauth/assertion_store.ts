import type { Sql } from "../db/mod.ts";

/** Notes a client's assertion; false when it was seen before. */
export async function insertAssertion(
  sql: Sql,
  clientId: string,
  assertion: string,
  expiresAt: Date,
): Promise<boolean> {
  const { count } = await sql`
    insert into oauth_assertions (client_id, assertion, expires_at)
    values (${clientId}, ${assertion}, ${expiresAt})
    on conflict (client_id, assertion) do nothing
  `;
  return count === 1;
}
