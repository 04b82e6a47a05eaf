import type { Sql } from "../db/mod.ts";
import type { PartitionFacts, SequenceFacts, TableFacts } from "./manifest.ts";

/** What a migrating program makes itself. */
const MIGRATIONS_TABLE = "schema_migrations";

/** Tables of the product, a partitioned one as a whole, with the columns that can be written. */
export async function listTables(sql: Sql): Promise<TableFacts[]> {
  return await sql<TableFacts[]>`
    select c.relname as name,
           array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '') as columns
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> ${MIGRATIONS_TABLE}
     group by c.relname order by c.relname
  `;
}

export async function listPartitions(sql: Sql): Promise<PartitionFacts[]> {
  return await sql<PartitionFacts[]>`
    select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
      from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where c.relnamespace = 'public'::regnamespace and c.relispartition and c.relkind in ('r', 'p')
     order by c.relname
  `;
}

export async function listSequences(sql: Sql): Promise<SequenceFacts[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'S' order by relname
  `;
  return await Promise.all(rows.map(async ({ name }) => {
    const [row] = await sql`select last_value::text as value, is_called from ${sql(name)}`;
    return { name, value: row?.value, is_called: row?.isCalled };
  }));
}

export async function setSequence(
  sql: Sql,
  { name, value, is_called }: SequenceFacts,
): Promise<void> {
  await sql`select setval(${`public.${quote(name)}`}::regclass, ${value}::bigint, ${is_called})`;
}

/** Time and version of the server. */
export async function readServer(
  sql: Sql,
): Promise<{ readonly now: Date; readonly version: string }> {
  const [row] = await sql<{ now: Date; version: string }[]>`
    select now(), current_setting('server_version') as version`;
  if (!row) throw new Error("The database does not tell its time");
  return row;
}

/** Foreign keys, as statements that take them away and put them back. */
export async function listForeignKeys(
  sql: Sql,
): Promise<{ readonly drop: string; readonly add: string }[]> {
  return await sql`
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
      from pg_constraint
     where contype = 'f' and conparentid = 0 and connamespace = 'public'::regnamespace
     order by conname
  `;
}

/** Whether user triggers fire for rows of a table. Needs its owner. */
export async function setTriggers(sql: Sql, table: string, enabled: boolean): Promise<void> {
  await sql`alter table ${sql(table)} ${enabled ? sql`enable` : sql`disable`} trigger user`;
}

/** Removes what migrations put into a table. */
export async function clearTable(sql: Sql, table: string): Promise<void> {
  await sql`delete from ${sql(table)}`;
}

/** Makes a partition that is missing. The bound is PostgreSQL's own text out of a sealed backup. */
export async function makePartition(sql: Sql, partition: PartitionFacts): Promise<void> {
  const { name, parent, bound } = partition;
  await sql.unsafe(`create table ${quote(name)} partition of ${quote(parent)} ${bound}`);
}

/** Makes the audit's partition of the month that a bound begins with, with its guards. */
export async function makeAuditPartition(sql: Sql, { bound }: PartitionFacts): Promise<void> {
  const from = /FROM \('([^']+)'\)/.exec(bound)?.[1] ?? null;
  await sql`select ensure_audit_partition(${from}::timestamptz)`;
}

/** A part of a table that holds rows itself, and how many blocks it has. */
export interface Leaf {
  readonly name: string;
  readonly blocks: number;
}

export async function listLeaves(sql: Sql, table: string): Promise<Leaf[]> {
  return await sql<Leaf[]>`
    with recursive part as (
      select ${`public.${quote(table)}`}::regclass::oid as oid
      union all
      select i.inhrelid from part join pg_inherits i on i.inhparent = part.oid
    )
    select c.relname as name, pg_relation_size(c.oid) / current_setting('block_size')::int as blocks
      from part join pg_class c using (oid) where c.relkind = 'r' order by c.relname
  `;
}

/** Rows as a JSON array of objects. */
export interface Page {
  readonly rows: number;
  readonly text: string;
}

/** The rows in the blocks from `from` on, before `to`. */
export async function readPage(
  sql: Sql,
  leaf: string,
  columns: readonly string[],
  from: number,
  to: number,
): Promise<Page> {
  const [page] = await sql<Page[]>`
    select count(*) as rows, coalesce(json_agg(row_to_json(page)), '[]')::text as text
      from (select ${sql(columns)} from only ${sql(leaf)}
             where ctid >= ${`(${from},0)`}::text::tid and ctid < ${`(${to},0)`}::text::tid) as page
  `;
  return page ?? { rows: 0, text: "[]" };
}

/** Puts rows that `readPage` gave into a table; answers how many. */
export async function insertRows(
  sql: Sql,
  { name, columns }: TableFacts,
  text: string,
): Promise<number> {
  const { count } = await sql`
    insert into ${sql(name)} (${sql(columns)}) overriding system value
    select ${sql(columns)} from json_populate_recordset(null::${sql(name)}, ${text}::text::json)
  `;
  return count;
}

/** A name as it stands in a statement. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
