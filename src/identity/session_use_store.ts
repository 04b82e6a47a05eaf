import type { Sql } from "../db/mod.ts";
import type { SessionUse } from "./session_uses.ts";

/** The newest use of each session stays; in one order, so that gateways do not wait for each other in a circle. */
export async function upsertUses(
  sql: Sql,
  uses: ReadonlyMap<string, SessionUse>,
): Promise<void> {
  const sorted = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
  await sql`
    insert into session_uses (session_id, used_at, address)
    select u.id, to_timestamp(u.at / 1000), u.address
      from unnest(${sorted.map(([id]) => id)}::text[], ${sorted.map(([, { at }]) => at)}::float8[],
                  ${sorted.map(([, { address }]) => address)}::text[]) as u (id, at, address)
      join sessions s on s.id = u.id
     order by u.id
    on conflict (session_id) do update
       set used_at = excluded.used_at, address = excluded.address
     where session_uses.used_at < excluded.used_at
  `;
}
