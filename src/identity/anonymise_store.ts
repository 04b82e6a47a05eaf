import type { Sql } from "../db/mod.ts";

/**
 * Erases where and how somebody signed in: passwords, passkeys, links, cookies, addresses, devices. One statement each:
 * a part of it that failed must not look done.
 */
export async function eraseTraces(sql: Sql, userId: string): Promise<void> {
  await sql`delete from passwords where user_id = ${userId}`;
  await sql`delete from passkeys where user_id = ${userId}`;
  await sql`delete from sign_in_links where user_id = ${userId}`;
  await sql`delete from federated_accounts where user_id = ${userId}`;
  await sql`
    delete from browser_sessions b using sessions s
     where s.id = b.session_id and s.user_id = ${userId}
  `;
  await sql`
    delete from session_uses l using sessions s
     where s.id = l.session_id and s.user_id = ${userId}
  `;
  await sql`
    update sessions set address = null, user_agent = null, device = null
     where user_id = ${userId} and (address is not null or user_agent is not null or device is not null)
  `;
  await sql`update api_keys set name = 'anonymised' where user_id = ${userId}`;
}
