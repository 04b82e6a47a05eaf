import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { databaseForFile } from "../support/mod.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

const database = databaseForFile();

/** `spgov infra db …` against the database of this file, with a home of its own. */
async function db(args: readonly string[]): Promise<Result> {
  const env = { DATABASE_URL: database().url };
  let result: Result | undefined;
  await withHome(async (home) => {
    result = await spgov(["infra", "db", ...args, "--home", home], { env });
  });
  assert.ok(result);
  return result;
}

async function data<T>(...args: string[]): Promise<T> {
  const { stdout, stderr, code } = await db([...args, "--json"]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return JSON.parse(stdout).data as T;
}

async function withPool<T>(work: (sql: Pool) => Promise<T>): Promise<T> {
  const sql = openPool(database().owner, { max: 1, applicationName: "cli tests" });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

interface QueryData {
  readonly columns: string[];
  readonly rows: Record<string, unknown>[];
  readonly row_count: number;
}

async function addUser(id: string, email: string): Promise<void> {
  await withPool((sql) =>
    sql`insert into users (id, email, name, roles) values (${id}, ${email}, ${id}, '{user}')`
  );
}

Deno.test("query prints typed values without loss, in the order of the columns", async () => {
  const { columns, rows, row_count } = await data<QueryData>(
    "query",
    `select 1 as "userId", 'é' as user_id, 2 as user_id, 9007199254740993 as big, 1.50 as exact,
            true as yes, null as nothing, array['a,b', null, '"'] as list, '{"user_id": 1}'::jsonb as json,
            timestamptz '2026-01-02 03:04:05.123456Z' as at, -- a comment; with a semicolon
            'NaN'::float8 as nan`,
  );
  assert.equal(row_count, 1);
  assert.deepEqual(columns.slice(0, 3), ["userId", "user_id", "user_id_2"]);
  assert.deepEqual(rows[0], {
    userId: 1,
    user_id: "é",
    user_id_2: 2,
    big: "9007199254740993",
    exact: "1.50",
    yes: true,
    nothing: null,
    list: ["a,b", null, '"'],
    json: { user_id: 1 },
    at: "2026-01-02T03:04:05.123456Z",
    nan: "NaN",
  });
});

Deno.test("query says when it left rows out, and stops the statement then", async () => {
  const { stdout } = await db([
    ...["query", "select generate_series(1, 1000000000) as g"],
    ...["--limit", "2", "--offset", "3", "--json"],
  ]);
  const { data, hints } = JSON.parse(stdout);
  assert.deepEqual(data.rows, [{ g: 4 }, { g: 5 }]);
  assert.equal(hints.truncated, true);
});

Deno.test("query answers statements that are no SELECT, and empty results with their columns", async () => {
  const { rows } = await data<QueryData>("query", "show server_encoding");
  assert.deepEqual(rows, [{ server_encoding: "UTF8" }]);
  const empty = await data<QueryData>("query", "select 1 as one where false");
  assert.deepEqual(empty.columns, ["one"]);
  assert.deepEqual(empty.rows, []);
  const people = await db(["query", "select 1 as one where false"]);
  assert.equal(people.stdout, "");
  assert.equal(people.stderr, "No row.\n");
});

Deno.test("query cannot write, whatever the statement is", async () => {
  await withPool((sql) =>
    sql`insert into bans (subject_kind, subject, reason) values ('user', 'x', 'y')`
  );
  const attempts = [
    "delete from bans",
    "delete from audit",
    "select 1; delete from bans",
    "begin; delete from bans; commit",
    "commit",
    "with gone as (delete from bans returning 1) select * from gone",
    "do $$ begin reset role; delete from bans; end $$",
    "do $$ begin set transaction read write; delete from bans; end $$",
    "do $$ begin commit; delete from bans; commit; end $$",
    "select set_config('transaction_read_only', 'off', true)",
    "set session characteristics as transaction read write",
    "select query_to_xml('delete from bans', true, true, '')",
    "explain analyze delete from bans",
    "create table taken (id int)",
    "truncate bans",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
  ];
  for (const statement of attempts) {
    const { stdout } = await db(["query", statement, "--json"]);
    JSON.parse(stdout);
  }
  await withPool(async (sql) => {
    assert.equal((await sql`select * from bans`).length, 1);
    assert.equal((await sql`select to_regclass('taken') as found`)[0]?.found, null);
  });
  const { code } = await db(["query", "delete from bans"]);
  assert.equal(code, 4);
});

Deno.test("query ends with the status that fits what PostgreSQL said", async () => {
  const cases: readonly (readonly [string, number])[] = [
    ["selct 1", 5],
    ["select 1/0", 5],
    ["select * from nowhere", 3],
    ["select pg_read_file('/etc/passwd')", 4],
  ];
  for (const [statement, expected] of cases) {
    const { code, stdout } = await db(["query", statement, "--json"]);
    assert.equal(code, expected, statement);
    assert.match(JSON.parse(stdout).error.details.sqlstate, /^[0-9A-Z]{5}$/);
  }
  const late = await db(["query", "select pg_sleep(30)", "--timeout", "200ms"]);
  assert.equal(late.code, 6);
  assert.match(late.stderr, /--timeout/);
});

Deno.test("text from the database cannot move the cursor of a terminal", async () => {
  const { stdout } = await db(["query", `select E'\\x1b[2J\\nx\\u202e' as trick`]);
  assert.equal(stdout, "trick\n\\u001b[2J\\nx\\u202e\n");
});

Deno.test("execute changes and records in one transaction, with the rows it really affected", async () => {
  const statement = "insert into bans (subject_kind, subject, reason) " +
    "select 'address', g::text, 'test' from generate_series(1, 7) g";
  const done = await data<Record<string, unknown>>("execute", statement, "--yes");
  assert.equal(done.rows_affected, 7);
  await withPool(async (sql) => {
    const rows = await sql`
      select user_id, surface, decision, detail from audit
       where kind = 'admin' and detail ->> 'sql' = ${statement}`;
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.decision, "ok");
    assert.equal(rows[0]?.surface, "cli");
    assert.equal(rows[0]?.detail.rows_affected, 7);
  });
});

Deno.test("execute that fails changes nothing and is recorded as failed", async () => {
  const { code, stdout } = await db(["execute", "delete from audit", "--yes", "--json"]);
  assert.equal(code, 4);
  assert.equal(JSON.parse(stdout).error.code, "forbidden");
  await withPool(async (sql) => {
    const rows = await sql`select decision from audit where detail ->> 'sql' = 'delete from audit'`;
    assert.deepEqual(rows.map(({ decision }) => decision), ["error"]);
  });
});

Deno.test("tables, describe, count, indexes, size and info carry the documented fields", async () => {
  await addUser("counted", "counted@example.com");
  const { tables, total } = await data<{ tables: Record<string, unknown>[]; total: number }>(
    "tables",
    "--filter",
    "audit",
  );
  assert.equal(tables.length, total);
  const names = tables.map(({ name }) => name);
  assert.ok(names.includes("audit") && !names.includes("users"));
  assert.ok(!names.some((name) => /audit_\d{4}/.test(String(name))), "partitions were listed");
  assert.deepEqual(
    ["name", "schema", "row_count", "size_bytes"].filter((key) => !(key in (tables[0] ?? {}))),
    [],
  );
  const described = await data<{ columns: Record<string, unknown>[]; row_count: number }>(
    "describe",
    "audit",
  );
  assert.equal(described.columns.length, 18);
  assert.deepEqual(described.columns[0], {
    name: "id",
    type: "uuid",
    nullable: false,
    default: null,
    primary_key: true,
  });
  const { count } = await data<{ count: number }>("count", "users");
  assert.ok(count >= 1);
  const { indexes } = await data<{ indexes: Record<string, unknown>[] }>(
    "indexes",
    "--table",
    "users",
  );
  assert.ok(indexes.some(({ columns }) => String(columns) === "lower(email)"));
  const size = await data<Record<string, unknown>>("size");
  assert.ok(Number(size.database_size_bytes) > 1_000_000);
  const info = await data<{ tables: string[]; table_count: number }>("info");
  assert.equal(info.tables.length, info.table_count);
});

Deno.test("an unknown table exits 3 and names the nearest", async () => {
  for (const verb of ["describe", "count"]) {
    const { code, stderr } = await db([verb, "usrs"]);
    assert.equal(code, 3);
    assert.match(stderr, /"users"/);
  }
});

Deno.test("assign-admin gives the role once, recorded as a change of roles", async () => {
  await addUser("ada", "ada@example.com");
  const first = await data<Record<string, unknown>>("assign-admin", "ada@example.com");
  assert.equal(first.already_admin, false);
  assert.deepEqual(first.roles, ["admin", "user"]);
  const second = await data<Record<string, unknown>>("assign-admin", "ada");
  assert.equal(second.already_admin, true);
  await withPool(async (sql) => {
    const rows = await sql`
      select 1 from audit where target = 'identity:role_changed' and detail -> 'user' ->> 'id' = 'ada'`;
    assert.equal(rows.length, 1);
  });
  assert.equal((await db(["assign-admin", "nobody"])).code, 3);
});

Deno.test("migrations are applied, listed with time and checksum, and validated", async () => {
  const { message } = await data<{ message: string }>("migrate");
  assert.match(message, /up to date/);
  const status = await data<{ total_pending: number; total_applied: number }>(
    "migrations",
    "status",
  );
  assert.equal(status.total_pending, 0);
  const history = await data<{ migrations: Record<string, string>[] }>("migrations", "history");
  assert.equal(history.migrations.length, status.total_applied);
  assert.match(history.migrations[0]?.applied_at ?? "", /^\d{4}-.*Z$/);
  assert.match(history.migrations[0]?.checksum ?? "", /^[0-9a-f]{64}$/);
  assert.equal((await db(["migrations", "history", "other"])).code, 3);
});

Deno.test("validate fails for a missing table and a switched-off trigger", async () => {
  assert.equal((await data<{ valid: boolean }>("validate")).valid, true);
  await withPool(async (sql) => {
    await sql`alter table limit_windows rename to limit_windows_gone`;
    await sql`alter table audit disable trigger audit_append_only`;
  });
  try {
    const { code, stdout } = await db(["validate", "--json"]);
    assert.equal(code, 5);
    const { data } = JSON.parse(stdout);
    assert.deepEqual(data.missing_tables, ["limit_windows"]);
    assert.deepEqual(data.extra_tables, ["limit_windows_gone"]);
    assert.match(data.problems.join(), /audit_append_only on audit is switched off/);
  } finally {
    await withPool(async (sql) => {
      await sql`alter table limit_windows_gone rename to limit_windows`;
      await sql`alter table audit enable trigger audit_append_only`;
    });
  }
});
