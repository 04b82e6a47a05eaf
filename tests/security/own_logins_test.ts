import assert from "node:assert/strict";
import { makeOwnLogin, openPool, type Pool } from "../../src/db/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import { shortInstance } from "../../src/kernel/home.ts";
import { createTestDatabase } from "../support/mod.ts";
import { faultTest } from "../support/fault_service.ts";
import { startService } from "../support/service.ts";
import { urlOf } from "../support/test_database.ts";

async function withPool<T>(address: DatabaseAddress, work: (sql: Pool) => Promise<T>): Promise<T> {
  const sql = openPool(address, { max: 1, applicationName: "test" });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

interface Bench {
  readonly owner: DatabaseAddress;
  /** As the owner. */
  readonly admin: Pool;
  readonly instance: string;
  /** The login that this instance serves by. */
  readonly name: string;
}

/** Runs `work` with a database; the login that it may make is removed afterwards. */
async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const instance = crypto.randomUUID().slice(0, 8);
  const name = `spgov_serve_${instance}`;
  const database = await createTestDatabase();
  try {
    await withPool(database.owner, async (admin) => {
      await work({ owner: database.owner, admin, instance, name });
      await admin.unsafe(`drop role if exists "${name}"`);
    });
  } finally {
    await database.drop();
  }
}

/** What code that took a gateway's connection over would try. */
function waysOut(owner: string): string[] {
  return [
    "reset role",
    "set role none",
    `set role "${owner}"`,
    "set role spgov_retention",
    `set session authorization "${owner}"`,
    "reset session authorization",
    "set role pg_write_all_data",
    `alter role current_user superuser`,
    `grant "${owner}" to current_user`,
  ];
}

Deno.test("a serving login may append and read, and finds no way to the owner's rights", async () => {
  await withBench(async ({ owner, admin, instance, name }) => {
    const login = await makeOwnLogin(admin, owner, "spgov_serve", instance);
    assert.ok(login.ok, JSON.stringify(login));
    await withPool(login.address, async (sql) => {
      for (const statement of waysOut(owner.user)) {
        await sql.unsafe(statement).catch(() => {});
        const [who] = await sql`
          select current_user::text as now, session_user::text as session, rolsuper,
                 has_table_privilege('audit', 'update') as update,
                 has_table_privilege('audit', 'delete') as delete
            from pg_roles where rolname = current_user`;
        const nobody = { rolsuper: false, update: false, delete: false };
        assert.deepEqual({ ...who }, { now: name, session: name, ...nobody }, statement);
      }
      await sql`select count(*) from audit`;
      await assert.rejects(sql`delete from audit`, /permission denied/);
      await assert.rejects(sql`update users set roles = '{admin}'`, /permission denied/);
    });
  });
});

Deno.test("the owner under SET ROLE does find one: why there is a login", async () => {
  await withBench(async ({ owner }) => {
    await withPool({ ...owner, role: "spgov_serve" }, async (sql) => {
      await assert.rejects(sql`update users set name = name`, /permission denied/);
      await sql.unsafe("set role none");
      await sql`update users set name = name`;
    });
  });
});

Deno.test("each start gives the login another password, and the one before opens nothing", async () => {
  await withBench(async ({ owner, admin, instance }) => {
    const first = await makeOwnLogin(admin, owner, "spgov_serve", instance);
    const second = await makeOwnLogin(admin, owner, "spgov_serve", instance);
    assert.ok(first.ok && second.ok);
    assert.notEqual(first.address.password, second.address.password);
    await withPool(second.address, (sql) => sql`select 1`.then(() => {}));
    await assert.rejects(
      withPool(first.address, (sql) => sql`select 1`.then(() => {})),
      /password/,
    );
  });
});

Deno.test("an owner that may not create roles makes no login, and is told why", async () => {
  await withBench(async ({ owner, admin, instance, name }) => {
    const plain = `${name}_owner`;
    await admin.unsafe(`create role "${plain}" login password 'plain'`);
    try {
      await withPool({ ...owner, user: plain, password: "plain" }, async (sql) => {
        const login = await makeOwnLogin(sql, owner, "spgov_serve", instance);
        assert.equal(login.ok, false);
        assert.match(login.ok ? "" : login.reason, /permission denied/);
      });
      const made = await admin`select 1 from pg_roles where rolname = ${name}`;
      assert.equal(made.length, 0);
    } finally {
      await admin.unsafe(`drop role "${plain}"`);
    }
  });
});

faultTest("gateways and egress reach an external database by a login of their own", async () => {
  const database = await createTestDatabase();
  const service = await startService({ database: { url: urlOf(database.owner) } });
  const instance = shortInstance(await Deno.readTextFile(`${service.home}/instance`));
  try {
    const { headers } = await service.govern(await service.token(), {
      hook_event_name: "PreToolUse",
      tool_name: "Read",
      tool_input: { file_path: "/a" },
    });
    assert.equal(headers.get("policy"), "default_allow");
    await withPool(database.owner, async (sql) => {
      const rows = await sql<{ name: string; usename: string }[]>`
        select application_name as name, usename::text from pg_stat_activity
         where datname = ${database.owner.database} and application_name ~ '^spgov (gateway|egress)'`;
      assert.ok(rows.some(({ name }) => name.endsWith("audit")), "the audit's connection");
      const allowed = [`spgov_serve_${instance}`, `spgov_vault_${instance}`];
      for (const { name, usename } of rows) assert.ok(allowed.includes(usename), name);
    });
  } finally {
    await service.stop();
    await database.drop();
  }
});
