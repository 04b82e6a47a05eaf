import assert from "node:assert/strict";
import { checkDurability, openPool, openSingle, type Pool } from "../../src/db/mod.ts";
import { databaseForFile } from "../support/mod.ts";

const database = databaseForFile();

async function withPool(work: (sql: Pool) => Promise<void>): Promise<void> {
  const sql = openPool(database().owner, { max: 2, applicationName: "pool test" });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

Deno.test("column names are camelCase both ways, keys inside jsonb stay as they are", async () => {
  await withPool(async (sql) => {
    const row = {
      thingId: 1,
      someDetail: sql.json({ snake_key: { inner_key: [1] }, camelKey: 2 }),
    };
    await sql.begin(async (tx) => {
      await tx`create temporary table things (thing_id int, some_detail jsonb) on commit drop`;
      await tx`insert into things ${tx(row)}`;
      assert.deepEqual([...await tx`select * from things`], [
        { thingId: 1, someDetail: { snake_key: { inner_key: [1] }, camelKey: 2 } },
      ]);
    });
  });
});

Deno.test("bigint is a number while it is exact, and an error where it is not", async () => {
  await withPool(async (sql) => {
    const [row] = await sql`
      select ${Number.MAX_SAFE_INTEGER}::bigint as most, -9007199254740991 as least,
             count(*) as counted, array[1, 9007199254740991]::bigint[] as several from (values (1), (2)) as v`;
    assert.deepEqual({ ...row }, {
      most: 9007199254740991,
      least: -9007199254740991,
      counted: 2,
      several: [1, 9007199254740991],
    });
    await assert.rejects(async () => await sql`select 9007199254740993::bigint as n`, RangeError);
    assert.equal((await sql`select 1 as one`)[0]?.one, 1);
  });
});

Deno.test("times are Dates in UTC, numeric stays text, bytea is bytes", async () => {
  await withPool(async (sql) => {
    const [row] = await sql`
      select '2026-03-29 02:30:00.123+02'::timestamptz as at, 1.10::numeric as price,
             '\\x00ff'::bytea as bytes, current_setting('TimeZone') as zone`;
    assert.deepEqual(row?.at, new Date("2026-03-29T00:30:00.123Z"));
    assert.equal(row?.price, "1.10");
    assert.deepEqual(new Uint8Array(row?.bytes), new Uint8Array([0, 255]));
    assert.equal(row?.zone, "UTC");
  });
});

Deno.test("the driver's environment variables do not steer a connection", async () => {
  const names = ["PGAPPNAME", "PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGOPTIONS"];
  // Set for the moment of opening only: files that are tested beside this one share the environment.
  for (const name of names) Deno.env.set(name, "wrong");
  const sql = openPool(database().owner, { max: 1, applicationName: "pool test" });
  for (const name of names) Deno.env.delete(name);
  try {
    const [row] = await sql`
      select current_setting('application_name') as name, current_database() as database`;
    assert.deepEqual({ ...row }, { name: "pool test", database: database().owner.database });
  } finally {
    await sql.end({ timeout: 5 });
  }
});

Deno.test("what serves has the rights that the migrations grant, and no others", async () => {
  const sql = openPool(database().serve, { max: 1, applicationName: "pool test" });
  try {
    const [row] = await sql`select current_user as me, (select count(*) from audit) as rows`;
    assert.deepEqual({ ...row }, { me: "spgov_serve", rows: 0 });
    await assert.rejects(async () => await sql`create table mine (n int)`, /permission denied/);
    await assert.rejects(async () => await sql`delete from audit`, /permission denied/);
  } finally {
    await sql.end({ timeout: 5 });
  }
});

Deno.test("the single connection has the limits of the audit writer and comes back after a loss", async () => {
  const admin = openPool(database().owner, { max: 1, applicationName: "pool test" });
  const single = openSingle(database().serve, { applicationName: "single test" });
  try {
    const limits = async () => {
      const rows = await single`
        select name, setting from pg_settings where name in
          ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') order by name`;
      return rows.map(({ setting }) => setting);
    };
    assert.deepEqual(await limits(), ["5000", "1000", "3000"]);
    const [before] = await single`select pg_backend_pid() as pid`;
    await admin`select pg_terminate_backend(${before?.pid}, 5000)`;
    await assert.doesNotReject(async () => {
      // The first query may still meet the dead connection; the next one must not.
      await single`select 1`.catch(() => {});
      await single`select 1`;
    });
    const [after] = await single`select pg_backend_pid() as pid`;
    assert.notEqual(after?.pid, before?.pid);
    assert.deepEqual(await limits(), ["5000", "1000", "3000"]);
  } finally {
    await single.end({ timeout: 0 });
    await admin.end({ timeout: 5 });
  }
});

Deno.test("a durable server has no weak setting; one weakened for a database is reported", async () => {
  await withPool(async (sql) => {
    const name = database().owner.database;
    assert.deepEqual(await checkDurability(sql), []);
    await sql.unsafe(`alter database "${name}" set synchronous_commit = off`);
    assert.deepEqual(await checkDurability(sql), [
      { setting: "synchronous_commit", value: "off", where: `database "${name}"` },
    ]);
    await sql.unsafe(`alter database "${name}" set synchronous_commit = remote_write`);
    assert.deepEqual(await checkDurability(sql), []);
    await sql.unsafe(`alter role spgov_serve in database "${name}" set synchronous_commit = false`);
    assert.deepEqual(await checkDurability(sql), [
      {
        setting: "synchronous_commit",
        value: "false",
        where: `role "spgov_serve" in database "${name}"`,
      },
    ]);
    await sql.unsafe(`alter role spgov_serve in database "${name}" reset all`);
    await sql.unsafe(`alter database "${name}" reset all`);
    await sql.begin(async (tx) => {
      await tx`set local synchronous_commit = off`;
      assert.deepEqual(await checkDurability(tx), [
        { setting: "synchronous_commit", value: "off", where: "server" },
      ]);
    });
  });
});

Deno.test("a pool that is ended at once leaves nothing open, even towards a server that never answers", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const sql = openPool(
    { ...database().owner, host: "127.0.0.1", port },
    { max: 2, applicationName: "pool test", connectTimeoutSeconds: 60 },
  );
  const refused = assert.rejects(async () => await sql`select 1`, /CONNECTION_DESTROYED/);
  const connection = await silent.accept();
  await sql.end({ timeout: 0 });
  await refused;
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null) { /* until the other side closes */ }
  connection.close();
  silent.close();
});
