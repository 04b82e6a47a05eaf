import type { Pool } from "../db/mod.ts";

/** Connections of others to a database. */
export async function countUsers(sql: Pool, database: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) from pg_stat_activity
     where datname = ${database} and pid <> pg_backend_pid() and backend_type = 'client backend'
  `;
  return row?.count ?? 0;
}

/** Makes an empty database that sorts and encodes text like `like`. */
export async function createDatabase(sql: Pool, name: string, like: string): Promise<void> {
  const [row] = await sql<{ options: string }[]>`
    select format('encoding %L lc_collate %L lc_ctype %L', pg_encoding_to_char(encoding), datcollate, datctype)
           || case datlocprovider
                when 'i' then format(' locale_provider icu icu_locale %L', to_jsonb(d) ->> 'daticulocale')
                when 'b' then format(' locale_provider builtin builtin_locale %L', to_jsonb(d) ->> 'datlocale')
                else '' end as options
      from pg_database d where datname = ${like}
  `;
  await sql`create database ${sql(name)} template template0 ${sql.unsafe(row?.options ?? "")}`;
}

/** Removes a database, also one that somebody is connected to. */
export async function dropDatabase(sql: Pool, name: string): Promise<void> {
  await sql`drop database if exists ${sql(name)} with (force)`;
}

/** Databases that a restore which did not come to its end left. */
export async function listLeftovers(sql: Pool, database: string): Promise<string[]> {
  const rows = await sql<{ datname: string }[]>`
    select datname from pg_database where datname ~ ${`^${
    database.replace(/\W/g, "\\$&")
  }_restore_[0-9a-f]{8}$`}
  `;
  return rows.map(({ datname }) => datname);
}

/** Renames databases, all or none of them. */
export async function renameDatabases(
  sql: Pool,
  names: readonly (readonly [from: string, to: string])[],
): Promise<void> {
  await sql.begin(async (tx) => {
    for (const [from, to] of names) await tx`alter database ${tx(from)} rename to ${tx(to)}`;
  });
}

/** Whether somebody has put tables of ours into a database. */
export async function hasTables(sql: Pool): Promise<boolean> {
  const [row] = await sql`select to_regclass('schema_migrations') is not null as present`;
  return row?.present === true;
}
