import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { type AuditFixture, createAuditFixture, fill, GATEWAY } from "../store/audit_fixture.ts";

let audit: AuditFixture;
let serve: Pool;
let retention: Pool;

Deno.test.beforeAll(async () => {
  audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 8);
  await audit.sealer.sealAll();
  serve = openPool(audit.database.serve, { max: 1, applicationName: "serve" });
  retention = openPool(audit.database.retention, { max: 1, applicationName: "retention" });
});

Deno.test.afterAll(async () => {
  await serve?.end();
  await retention?.end();
  await audit?.[Symbol.asyncDispose]();
});

/** The table, every partition there is, and what stands beside it. */
async function tables(): Promise<string[]> {
  const rows = await audit.sql<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit'::regclass
  `;
  assert.ok(rows.length >= 6);
  return ["audit", "audit_batches", "audit_seals", ...rows.map((row) => row.name)];
}

const REFUSED = new Set(["42501"]);

/** The statement is refused for want of a right or by a trigger, and nothing else is wrong with it. */
async function assertRefused(sql: Pool, statement: string): Promise<void> {
  await assert.rejects(sql.unsafe(statement), (error: { code?: string; message?: string }) => {
    assert.ok(REFUSED.has(error.code ?? ""), `${statement}: ${error.code} ${error.message}`);
    return true;
  }, statement);
}

function changesOf(table: string): string[] {
  const column = table.startsWith("audit_batches") || table.startsWith("audit_seals")
    ? "writer"
    : "user_id";
  return [
    `update ${table} set ${column} = 'eve'`,
    `update ${table} set ${column} = 'eve' where false`,
    `delete from ${table}`,
    `delete from ${table} where false`,
    `truncate ${table}`,
    `truncate ${table} cascade`,
    `merge into ${table} t using (select 1) s on true when matched then delete`,
  ];
}

function definitionsOf(table: string): string[] {
  return [
    `alter table ${table} disable trigger all`,
    `alter table ${table} disable trigger user`,
    `alter table ${table} add column extra int`,
    `alter table ${table} owner to current_user`,
    `alter table ${table} set unlogged`,
    `alter table ${table} disable row level security`,
    `drop table ${table}`,
    `create trigger mine before insert on ${table} for each row execute function refuse_change()`,
    `create rule mine as on insert to ${table} do instead nothing`,
    `grant update on ${table} to public`,
  ];
}

Deno.test("what serves can append and read, and change nothing of the log", async () => {
  for (const table of await tables()) {
    for (const statement of changesOf(table)) await assertRefused(serve, statement);
  }
});

Deno.test("what serves cannot weaken the tables, their partitions or their guards", async () => {
  for (const table of await tables()) {
    for (const statement of definitionsOf(table)) {
      // A grant without the right to grant is only a warning; what it would have given is checked below.
      if (statement.startsWith("grant")) continue;
      await assertRefused(serve, statement);
    }
  }
  const [first] = (await tables()).slice(3);
  for (
    const statement of [
      `alter table audit detach partition ${first}`,
      "drop trigger audit_append_only on audit",
      "drop function refuse_change() cascade",
      "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
      "drop view audit_calls",
      "set session_replication_role = replica",
      "create table mine (x int)",
    ]
  ) await assertRefused(serve, statement);
});

Deno.test("what serves can move the head, but not take it away", async () => {
  for (
    const statement of ["delete from audit_head", "truncate audit_head", "drop table audit_head"]
  ) {
    await assertRefused(serve, statement);
  }
  const rows = await serve`update audit_head set n = n returning writer`;
  assert.equal(rows.length, 1);
});

Deno.test("the retention role changes no row either", async () => {
  for (const table of await tables()) {
    for (const statement of changesOf(table)) await assertRefused(retention, statement);
  }
});

Deno.test("even the owner is refused while the guards stand", async () => {
  for (const table of await tables()) {
    for (const statement of changesOf(table)) await assertRefused(audit.sql, statement);
  }
  await assertRefused(audit.sql, "delete from audit_head");
  assert.equal((await audit.verify()).ok, true);
});

Deno.test("nobody but the owner has been granted more than reading and appending", async () => {
  const rows = await audit.sql<{ name: string; grantee: string; right: string }[]>`
    select c.relname as name, a.grantee::regrole::text as grantee, a.privilege_type as right
      from pg_class c cross join lateral aclexplode(c.relacl) a
     where (c.relname like 'audit%') and c.relkind in ('r', 'p', 'v') and a.grantee <> c.relowner
  `;
  const more = rows.filter(({ name, right }) =>
    !["SELECT", "INSERT"].includes(right) && !(name === "audit_head" && right === "UPDATE")
  );
  assert.deepEqual(more, []);
  assert.ok(rows.length > 10);
});

Deno.test("a row put straight into a partition is found, since no batch holds it", async () => {
  const [partition] = await audit.sql<{ name: string }[]>`
    select tableoid::regclass::text as name from audit limit 1`;
  const id = "01900000-0000-7000-8000-000000000001";
  await serve.unsafe(`insert into ${partition?.name}
    select '${id}', created_at, kind, call_id, user_id, session_id, task_id, trace_id, context_id, client_id, role,
           surface, target, decision, policy, detail, cost_microdollars, latency_us from audit limit 1`);
  const report = await audit.verify();
  assert.deepEqual(report.findings.map(({ row }) => row), [id]);
});
