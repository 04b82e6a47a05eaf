import assert from "node:assert/strict";
import { checkBackup, restoreBackup, writeBackup } from "../../src/backup/mod.ts";
import { migrate, MIGRATIONS, openPool, type Pool } from "../../src/db/mod.ts";
import { createUser } from "../../src/identity/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import { backupKeyOf, SecretBytes } from "../../src/vault/mod.ts";
import { type AuditFixture, CLI, createAuditFixture, fill, GATEWAY } from "./audit_fixture.ts";
import { ADMIN } from "./identity_world.ts";

const MASTER = new SecretBytes(new Uint8Array(32).fill(3));
const key = (salt: Uint8Array) => backupKeyOf(MASTER, salt).reveal();
const otherKey = (salt: Uint8Array) =>
  backupKeyOf(new SecretBytes(new Uint8Array(32).fill(4)), salt).reveal();
const NOW = new Date("2026-11-25T10:00:00Z");

interface World {
  readonly audit: AuditFixture;
  readonly owner: DatabaseAddress;
  readonly path: string;
  /** A digest over all rows of each table. */
  digests(): Promise<Record<string, string>>;
  databases(): Promise<string[]>;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  const audit = await createAuditFixture();
  const { owner } = audit.database;
  const at = <T>(run: (sql: Pool) => Promise<T>) => withPool(owner, run);
  try {
    await work({
      audit,
      owner,
      path: `${audit.dir}/a.backup`,
      digests: () => at(digestsOf),
      databases: () =>
        at(async (sql) => {
          const rows =
            await sql`select datname from pg_database where starts_with(datname, ${owner.database}) order by 1`;
          return rows.map(({ datname }) => datname);
        }),
    });
  } finally {
    await withPool({ ...owner, database: "postgres" }, async (sql) => {
      const rows = await sql`select datname from pg_database where starts_with(datname, ${
        owner.database + "_"
      })`;
      for (const { datname } of rows) await sql`drop database ${sql(datname)} with (force)`;
    });
    await audit[Symbol.asyncDispose]();
  }
}

async function withPool<T>(address: DatabaseAddress, run: (sql: Pool) => Promise<T>): Promise<T> {
  const sql = openPool(address, { max: 1, applicationName: "backup test" });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function digestsOf(sql: Pool): Promise<Record<string, string>> {
  const tables = await sql`
    select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`;
  const entries: [string, string][] = [];
  for (const { relname } of tables) {
    const [row] = await sql`
      select count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest from ${
      sql(relname)
    } t`;
    if (relname !== "schema_migrations") entries.push([relname, row?.digest]);
  }
  return Object.fromEntries(entries);
}

/** Rows of several months and writers, people, and texts that do not survive a careless round trip. */
async function seed({ sql, sealer }: AuditFixture): Promise<void> {
  await sql`select ensure_audit_partition(m::timestamptz) from unnest(array['2025-01-05', '2025-02-05']) m`;
  await fill(sql, GATEWAY, 400, 20, { createdAt: Date.parse("2025-01-10") });
  await fill(sql, CLI, 30, 10, { createdAt: Date.parse("2025-02-10") });
  await fill(sql, GATEWAY, 50, 10, {
    detail: { text: 'tab\t, line\n, \\N, \\., ünïcode 🚀, "quotes"', n: null },
  });
  const context = {
    sql,
    clock: { now: Date.now, monotonic: () => 0 },
    record: () => Promise.resolve(),
  };
  for (const name of ["ada", "grace"]) {
    await createUser(
      context,
      ADMIN,
      { email: `${name}@example.test`, name, roles: ["user"] } as never,
    );
  }
  await sealer.sealAll();
}

/** Takes the connections of the fixture away: a restore wants the database for itself. */
async function restore(
  { audit, owner, path }: World,
  over: Partial<Parameters<typeof restoreBackup>[2]> = {},
) {
  await audit.sql.end({ timeout: 1 });
  return await restoreBackup(owner, path, { key, now: NOW, ...over });
}

Deno.test("everything comes back as it was, and the audit verifies", async () => {
  await withWorld(async (world) => {
    const { audit, owner, path, digests } = world;
    await seed(audit);
    const before = await digests();
    const written = await writeBackup(audit.sql, path, { key, now: NOW });
    assert.ok(written.rows > 480);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    await audit.sql`delete from users`;
    await fill(audit.sql, CLI, 5);

    const restored = await restore(world);
    assert.equal(restored.rows, written.rows);
    assert.equal(restored.before, `${owner.database}_before_20261125t100000z`);
    assert.deepEqual(await digests(), before);
    await withPool(owner, async (sql) => {
      const report = await audit.verify({}, sql);
      assert.deepEqual(report.findings, []);
      await assert.rejects(sql`delete from audit`, /append-only/);
      await assert.rejects(sql`delete from audit_2025_01`, /append-only/);
      await assert.rejects(
        sql`insert into sessions (id, user_id, client_id, audience, role, token_id, expires_at)
        values ('s', 'nobody', 'c', 'hook', 'user', 't', now())`,
        /foreign key/,
      );
      assert.equal((await migrate(sql, MIGRATIONS)).applied.length, 0);
      const [row] = await sql`select count(*) from audit_other`;
      assert.equal(row?.count, 0);
    });
    await withPool({ ...owner, role: "spgov_serve" }, async (sql) => {
      await sql`select count(*) from audit_2025_01`;
      await assert.rejects(sql`delete from audit_head`, /denied|append-only/);
    });
  });
});

Deno.test("a restore into an empty database leaves no other behind", async () => {
  await withWorld(async (world) => {
    const { audit, owner, path, databases } = world;
    await writeBackup(audit.sql, path, { key, now: NOW });
    await audit.sql`drop schema public cascade`;
    await audit.sql`create schema public`;
    const restored = await restore(world);
    assert.equal(restored.before, undefined);
    assert.deepEqual(await databases(), [owner.database]);
  });
});

Deno.test("a backup that was cut, changed or sealed under another key restores nothing", async () => {
  await withWorld(async (world) => {
    const { audit, owner, path, digests, databases } = world;
    await seed(audit);
    await writeBackup(audit.sql, path, { key, now: NOW });
    const before = await digests();
    await audit.sql.end({ timeout: 1 });
    const whole = await Deno.readFile(path);
    const changed = (at: number) => {
      const bytes = Uint8Array.from(whole);
      bytes[at] = 255 - (bytes[at] ?? 0);
      return bytes;
    };
    const bad: readonly (readonly [Uint8Array, RegExp])[] = [
      [whole.slice(0, 0), /no backup/],
      [whole.slice(0, 30), /cut short/],
      [whole.slice(0, 400), /cut short/],
      [whole.slice(0, whole.length - 1), /cut short/],
      [changed(whole.length - 5), /changed/],
      [changed(whole.length >> 1), /changed/],
      [changed(40), /changed|another master key/],
      [new TextEncoder().encode("PGDMP and so on"), /no backup/],
      [new TextEncoder().encode("spgov-backup 2\n{}\n"), /newer format/],
    ];
    for (const [bytes, message] of bad) {
      const file = `${audit.dir}/bad.backup`;
      await Deno.writeFile(file, bytes);
      for (
        const use of [checkBackup(file, { key }), restoreBackup(owner, file, { key, now: NOW })]
      ) {
        await assert.rejects(use, { code: "invalid", message });
      }
    }
    await assert.rejects(restoreBackup(owner, path, { key: otherKey, now: NOW }), {
      code: "invalid",
      message: /another master key/,
    });
    await assert.rejects(checkBackup(`${path}.no`, { key }), { code: "not_found" });
    assert.deepEqual(await databases(), [owner.database]);
    assert.deepEqual(await digests(), before);
  });
});

Deno.test("a restore while the database is used is refused before anything is done", async () => {
  await withWorld(async ({ audit, owner, path, databases }) => {
    await writeBackup(audit.sql, path, { key, now: NOW });
    await assert.rejects(restoreBackup(owner, path, { key, now: NOW }), { code: "conflict" });
    assert.deepEqual(await databases(), [owner.database]);
  });
});

Deno.test("a backup that fails or is ended leaves no file, and none is written over", async () => {
  await withWorld(async ({ audit, path }) => {
    await seed(audit);
    const ending = new AbortController();
    const ended = writeBackup(audit.sql, path, {
      key,
      now: NOW,
      signal: ending.signal,
      onProgress: () => ending.abort(),
    });
    await assert.rejects(ended);
    await assert.rejects(
      writeBackup(audit.sql, path, { key: () => Promise.reject(new Error("No key")), now: NOW }),
    );
    await assert.rejects(writeBackup(audit.sql, `${audit.dir}/no/such/folder`, { key, now: NOW }), {
      code: "unavailable",
    });
    const names = await Array.fromAsync(Deno.readDir(audit.dir), ({ name }) => name);
    assert.deepEqual(names.filter((name) => name.includes("backup")), []);
    await writeBackup(audit.sql, path, { key, now: NOW });
    await assert.rejects(writeBackup(audit.sql, path, { key, now: NOW }), { code: "conflict" });
  });
});

Deno.test("rows that are written meanwhile are all in the backup or not at all", async () => {
  await withWorld(async (world) => {
    const { audit, owner, path } = world;
    await fill(audit.sql, GATEWAY, 200, 20);
    let writing = true;
    const writer = (async () => {
      while (writing) await fill(audit.sql, CLI, 4, 2);
    })();
    await writeBackup(audit.sql, path, { key, now: NOW });
    writing = false;
    await writer;
    await restore(world);
    await withPool(owner, async (sql) => {
      assert.deepEqual((await audit.verify({ checkpoint: undefined } as never, sql)).findings, []);
    });
  });
});
