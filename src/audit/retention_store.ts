import type { Sql } from "../db/mod.ts";

/** A month's payload. */
export interface Partition {
  readonly name: string;
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** The monthly partitions of `audit`, oldest first. */
export async function listPartitions(sql: Sql): Promise<Partition[]> {
  return await sql<Partition[]>`
    select c.relname as name, b.bounds[1]::timestamptz as from, b.bounds[2]::timestamptz as to
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
      cross join lateral regexp_match(
        pg_get_expr(c.relpartbound, c.oid), '^FOR VALUES FROM [(]''([^'']+)''[)] TO [(]''([^'']+)''[)]$'
      ) as b(bounds)
     where i.inhparent = 'audit'::regclass and b.bounds is not null
     order by 2
  `;
}

/** How many rows a partition has. */
export async function countRows(sql: Sql, partition: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) from ${sql(partition)}`;
  return row?.count ?? 0;
}

/**
 * Detaches and drops a partition at the end of a transaction: appends wait from here until it commits, and
 * it gives up when a long query is in the way. Needs the owner; `refuse_change` guards rows, not whole partitions.
 */
export async function dropPartition(sql: Sql, partition: string): Promise<void> {
  await sql`select set_config('lock_timeout', '1000', true)`;
  await sql`alter table audit detach partition ${sql(partition)}`;
  await sql`drop table ${sql(partition)}`;
}
