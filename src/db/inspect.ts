import type { Sql } from "./pool.ts";

/** What the operator may look at: our tables and whatever else stands in the database. */

export interface DatabaseFacts {
  /** `18.4` */
  readonly version: string;
  readonly database: string;
  /** The login, and the role it took. */
  readonly sessionUser: string;
  readonly currentUser: string;
  readonly sizeBytes: number;
  readonly startedAt: Date;
  readonly inRecovery: boolean;
}

export async function getFacts(sql: Sql): Promise<DatabaseFacts> {
  const [facts] = await sql<DatabaseFacts[]>`
    select current_setting('server_version') as version, current_database() as database,
           session_user as session_user, current_user as current_user,
           pg_database_size(current_database()) as size_bytes,
           pg_postmaster_start_time() as started_at, pg_is_in_recovery() as in_recovery`;
  if (facts === undefined) throw new Error("The server said nothing about itself");
  return facts;
}

export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  readonly kind: "table" | "partitioned" | "partition" | "view" | "materialized view" | "foreign";
  /** The server's estimate; undefined when it never counted. */
  readonly estimatedRows: number | null;
  /** With indexes, TOAST and all partitions. */
  readonly sizeBytes: number;
}

/** Tables of the database, with views but without partitions unless asked for, by schema and name. */
export async function listTables(
  sql: Sql,
  { withPartitions = false, withViews = false } = {},
): Promise<TableFacts[]> {
  return await sql<TableFacts[]>`
    select n.nspname as schema, c.relname as name,
           case when c.relkind = 'p' then 'partitioned' when c.relispartition then 'partition'
                when c.relkind = 'v' then 'view' when c.relkind = 'm' then 'materialized view'
                when c.relkind = 'f' then 'foreign' else 'table' end as kind,
           t.estimated_rows, t.size_bytes
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      cross join lateral (
        select sum(nullif(p.reltuples, -1))::float8 as estimated_rows,
               coalesce(sum(pg_total_relation_size(p.oid)), 0)::float8 as size_bytes
          from pg_class p
         where p.oid = c.oid
            or (c.relkind = 'p' and p.oid in (select relid from pg_partition_tree(c.oid)))
      ) t
     where c.relkind = any (${withViews ? ["r", "p", "f", "v", "m"] : ["r", "p", "f"]}::"char"[])
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and (${withPartitions} or not c.relispartition)
     order by 1, 2`;
}

export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

/** The table or view that `text` names, as PostgreSQL would read it; undefined when there is none. */
export async function findRelation(sql: Sql, text: string): Promise<RelationName | undefined> {
  const [found] = await sql<RelationName[]>`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'f', 'v', 'm')
       and (n.nspname || '.' || c.relname = ${text}
            or c.relname = ${text} and pg_table_is_visible(c.oid))
     order by n.nspname || '.' || c.relname = ${text} desc
     limit 1`;
  return found;
}

export async function countRows(sql: Sql, { schema, name }: RelationName): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*) from ${sql(schema)}.${sql(name)}`;
  return row?.count ?? 0;
}

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly primaryKey: boolean;
}

export async function listColumns(
  sql: Sql,
  { schema, name }: RelationName,
): Promise<ColumnFacts[]> {
  return await sql<ColumnFacts[]>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           not a.attnotnull as nullable, pg_get_expr(d.adbin, d.adrelid) as default,
           coalesce(a.attnum = any (p.indkey), false) as primary_key
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      left join pg_index p on p.indrelid = c.oid and p.indisprimary
     where n.nspname = ${schema} and c.relname = ${name}
     order by a.attnum`;
}

export interface IndexFacts {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** Columns or expressions, in order. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly primary: boolean;
  /** False when a concurrent build of it failed. */
  readonly valid: boolean;
  readonly sizeBytes: number;
}

/** Indexes of one relation or of all, without those of partitions unless their table is named. */
export async function listIndexes(sql: Sql, of?: RelationName): Promise<IndexFacts[]> {
  return await sql<IndexFacts[]>`
    select n.nspname as schema, t.relname as table, i.relname as name,
           array(select pg_get_indexdef(x.indexrelid, k, true)
                   from generate_series(1, x.indnkeyatts) k order by k) as columns,
           x.indisunique as unique, x.indisprimary as primary, x.indisvalid as valid,
           coalesce((select sum(pg_relation_size(p.oid)) from pg_class p
                      where p.oid = i.oid
                         or (i.relkind = 'I' and p.oid in (select relid from pg_partition_tree(i.oid)))
                    ), 0)::float8 as size_bytes
      from pg_index x
      join pg_class i on i.oid = x.indexrelid
      join pg_class t on t.oid = x.indrelid
      join pg_namespace n on n.oid = t.relnamespace
     where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and ${
    of === undefined
      ? sql`not t.relispartition`
      : sql`n.nspname = ${of.schema} and t.relname = ${of.name}`
  }
     order by 1, 2, 3`;
}

export interface DisabledTrigger {
  readonly table: string;
  readonly name: string;
}

/** Triggers that were switched off: those of the audit are what keeps it append-only. */
export async function listDisabledTriggers(sql: Sql): Promise<DisabledTrigger[]> {
  return await sql<DisabledTrigger[]>`
    select c.relname as table, t.tgname as name
      from pg_trigger t
      join pg_class c on c.oid = t.tgrelid
      join pg_namespace n on n.oid = c.relnamespace
     where not t.tgisinternal and t.tgenabled in ('D', 'R')
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     order by 1, 2`;
}
