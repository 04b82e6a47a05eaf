import type { Sql } from "../db/mod.ts";

/** Forgets what has ended: interactions, codes, tokens and assertions whose time is over. */
export async function forgetOverGrants(sql: Sql): Promise<void> {
  await sql`delete from oauth_interactions where expires_at < clock_timestamp()`;
  await sql`delete from oauth_codes where expires_at < clock_timestamp()`;
  await sql`delete from oauth_spent_codes where expires_at < clock_timestamp()`;
  await sql`delete from oauth_refresh_tokens where expires_at < clock_timestamp()`;
  await sql`delete from oauth_device_codes where expires_at < clock_timestamp() - interval '1 hour'`;
  await sql`delete from oauth_revoked_tokens where expires_at < clock_timestamp()`;
  await sql`delete from oauth_assertions where expires_at < clock_timestamp()`;
}

/** Forgets clients that registered themselves a day ago and that nobody ever let have anything. */
export async function forgetUnusedClients(sql: Sql): Promise<void> {
  await sql`
    delete from oauth_clients
     where kind = 'dynamic' and created_at < clock_timestamp() - interval '1 day'
       and id not in (select client_id from sessions where audience = 'mcp')
       and id not in (select client_id from oauth_consents)
  `;
}
