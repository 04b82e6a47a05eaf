import type { Sql } from "../db/mod.ts";

/** A scheduler that was not heard of for this long counts as gone. */
const SILENT_MS = 60_000;

/** Says that a scheduler is alive, and forgets those that are long gone. */
export async function seeNode(sql: Sql, node: string): Promise<void> {
  await sql`
    with gone as (delete from job_nodes where seen_at < clock_timestamp() - interval '1 day' and node <> ${node})
    insert into job_nodes (node, seen_at) values (${node}, clock_timestamp())
        on conflict (node) do update set seen_at = excluded.seen_at
  `;
}

export async function removeNode(sql: Sql, node: string): Promise<void> {
  await sql`delete from job_nodes where node = ${node}`;
}

/** The schedulers that are alive. */
export async function listNodes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ node: string }[]>`
    select node from job_nodes
     where seen_at > clock_timestamp() - make_interval(secs => ${SILENT_MS}::float8 / 1000) order by node
  `;
  return rows.map(({ node }) => node);
}
