import assert from "node:assert/strict";
import {
  migrate,
  type Migration,
  migrationOf,
  migrationStatus,
  openPool,
} from "../../src/db/mod.ts";
import type { Pool } from "../../src/db/mod.ts";
import { AppError, type ErrorCode } from "../../src/kernel/errors.ts";
import { withDatabase } from "../support/mod.ts";

const ONE: Migration = {
  version: 1,
  name: "one",
  sql: "create table steps (n int);\ninsert into steps values (1)",
};
const TWO: Migration = { version: 2, name: "two", sql: "insert into steps values (2)" };

async function withEmpty(work: (sql: Pool, another: () => Pool) => Promise<void>): Promise<void> {
  await withDatabase(async ({ owner }) => {
    const pools: Pool[] = [];
    const open = () => {
      const pool = openPool(owner, { max: 2, applicationName: "migrate test" });
      pools.push(pool);
      return pool;
    };
    try {
      await work(open(), open);
    } finally {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
    }
  }, { migrations: [] });
}

const refusedAs = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && text.test(error.message);

async function steps(sql: Pool): Promise<number[]> {
  return (await sql<{ n: number }[]>`select n from steps order by n`).map(({ n }) => n);
}

Deno.test("migrations are applied once, in order of their numbers, and recorded", async () => {
  await withEmpty(async (sql) => {
    const first = await migrate(sql, [TWO, ONE]);
    assert.deepEqual(first.applied.map(({ version, name }) => [version, name]), [[1, "one"], [
      2,
      "two",
    ]]);
    assert.equal(first.current, 2);
    const second = await migrate(sql, [ONE, TWO]);
    assert.deepEqual(second, { applied: [], current: 2 });
    assert.deepEqual(await steps(sql), [1, 2]);
  });
});

Deno.test("looking at the status changes nothing", async () => {
  await withEmpty(async (sql) => {
    const state = await migrationStatus(sql, [ONE, TWO]);
    assert.deepEqual([state.current, state.applied.length, state.pending.length], [0, 0, 2]);
    const [found] = await sql`select to_regclass('schema_migrations') as name`;
    assert.equal(found?.name, null);
    await migrate(sql, [ONE]);
    const later = await migrationStatus(sql, [ONE, TWO]);
    assert.deepEqual([later.current, later.pending.map(({ name }) => name)], [1, ["two"]]);
    assert.ok(later.applied[0]?.appliedAt instanceof Date);
  });
});

Deno.test("a changed migration is refused, other line ends are no change", async () => {
  await withEmpty(async (sql) => {
    await migrate(sql, [ONE]);
    await migrate(sql, [{ ...ONE, sql: ONE.sql.replaceAll("\n", "\r\n") }]);
    const changed = { ...ONE, sql: ONE.sql + " -- harmless?" };
    await assert.rejects(
      migrate(sql, [changed, TWO]),
      refusedAs("invalid", /Migration 1 "one" differs/),
    );
    await assert.rejects(migrationStatus(sql, [changed]), refusedAs("invalid", /differs/));
    assert.deepEqual(await steps(sql), [1]);
  });
});

Deno.test("a database newer than the program is refused", async () => {
  await withEmpty(async (sql) => {
    await migrate(sql, [ONE, TWO]);
    await assert.rejects(
      migrate(sql, [ONE]),
      refusedAs("conflict", /migration 2 "two".*only knows 1/),
    );
    assert.deepEqual(await steps(sql), [1, 2]);
  });
});

Deno.test("a failing migration leaves nothing of itself and keeps those before it", async () => {
  await withEmpty(async (sql) => {
    const broken = { ...TWO, sql: "insert into steps values (2); insert into nowhere values (1)" };
    await assert.rejects(
      migrate(sql, [ONE, broken]),
      refusedAs("invalid", /Migration 2 "two" failed: .*nowhere/),
    );
    assert.deepEqual(await steps(sql), [1]);
    assert.equal((await migrate(sql, [ONE, TWO])).current, 2);
    assert.deepEqual(await steps(sql), [1, 2]);
  });
});

Deno.test("programs that start together apply each migration once", async () => {
  await withEmpty(async (sql, another) => {
    const slow = { ...ONE, sql: ONE.sql + "; select pg_sleep(0.2)" };
    const results = await Promise.all(
      [sql, another(), another(), another()].map((pool) => migrate(pool, [slow, TWO])),
    );
    assert.deepEqual(results.map(({ current }) => current), [2, 2, 2, 2]);
    assert.equal(results.flatMap(({ applied }) => applied).length, 2);
    assert.deepEqual(await steps(sql), [1, 2]);
  });
});

Deno.test("a gap in the numbers and a strange file name are refused before anything runs", async () => {
  await withEmpty(async (sql) => {
    await assert.rejects(
      migrate(sql, [ONE, { ...TWO, version: 3 }]),
      refusedAs("invalid", /number 3 where 2/),
    );
    await assert.rejects(
      migrate(sql, [ONE, { ...TWO, version: 1 }]),
      refusedAs("invalid", /number 1 where 2/),
    );
    const [found] = await sql`select to_regclass('steps') as name`;
    assert.equal(found?.name, null);
  });
  assert.throws(() => migrationOf("1_one.sql", ""), refusedAs("invalid", /not named like/));
  assert.deepEqual(migrationOf("0007_more_things.sql", "x"), {
    version: 7,
    name: "more_things",
    sql: "x",
  });
});

Deno.test("a migration is not cut short by the pool's statement timeout", async () => {
  await withDatabase(async ({ owner }) => {
    const sql = openPool(owner, {
      max: 1,
      applicationName: "migrate test",
      statementTimeoutMs: 100,
    });
    try {
      await migrate(sql, [{ ...ONE, sql: ONE.sql + "; select pg_sleep(0.3)" }]);
      assert.deepEqual(await steps(sql), [1]);
      await assert.rejects(async () => await sql`select pg_sleep(0.3)`, /statement timeout/);
    } finally {
      await sql.end({ timeout: 5 });
    }
  }, { migrations: [] });
});
