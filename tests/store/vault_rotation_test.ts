import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import {
  addMaster,
  listKeyVersions,
  listMasters,
  openVault,
  removeOtherMasters,
  rotateDataKey,
  setSecrets,
} from "../../src/vault/mod.ts";
import { rejectsWith } from "./identity_world.ts";
import { newMaster, secretOf, textOf, type VaultWorld, withVault } from "./vault_world.ts";

async function fill({ context }: VaultWorld, count: number): Promise<void> {
  await setSecrets(
    context,
    Array.from({ length: count }, (_, n) => ({
      owner: { kind: "global" } as const,
      name: `S${n}`,
      servers: ["github"],
      value: secretOf(`value ${n}`),
    })),
  );
}

async function versionsUsed({ sql }: VaultWorld): Promise<number[]> {
  const rows = await sql<{ version: number }[]>`
    select distinct key_version as version from secrets order by 1`;
  return rows.map(({ version }) => version);
}

Deno.test("after a rotation every value opens, and the key before is gone", async () => {
  await withVault(async (world) => {
    await fill(world, 25);
    const before = await world.sql`select id, nonce, sealed from secrets`;
    const steps: number[] = [];
    const done = await rotateDataKey(world.context, {
      batch: 10,
      onProgress: (resealed) => steps.push(resealed),
    });
    assert.deepEqual(done, { version: 2, resealed: 25, resumed: false });
    assert.deepEqual(steps, [10, 20, 25]);
    assert.deepEqual(await versionsUsed(world), [2]);
    assert.deepEqual(await listKeyVersions(world.sql), [2]);
    for (let n = 0; n < 25; n++) assert.equal(await world.resolve(`S${n}`, "github"), `value ${n}`);
    // Whatever was copied before cannot be put back.
    for (const { id, nonce, sealed } of before) {
      await world.sql`update secrets set nonce = ${nonce}, sealed = ${sealed} where id = ${id}`;
    }
    await rejectsWith(world.resolve("S1", "github"), "invalid");
    await assert.rejects(world.sql`update secrets set key_version = 1`);
  });
});

Deno.test("values can be read and set while the key is rotated", async () => {
  await withVault(async (world) => {
    await fill(world, 60);
    let rotating = true;
    const reads = (async () => {
      let count = 0;
      for (; rotating; count++) {
        assert.equal(await world.resolve(`S${count % 50}`, "github"), `value ${count % 50}`);
      }
      return count;
    })();
    const writes = (async () => {
      let count = 0;
      for (; rotating; count++) await world.set({ name: `W${count}`, value: `written ${count}` });
      return count;
    })();
    for (let round = 0; round < 3; round++) await rotateDataKey(world.context, { batch: 7 });
    rotating = false;
    assert.ok(await reads > 0);
    const written = await writes;
    assert.ok(written > 0);
    for (let n = 0; n < written; n++) {
      assert.equal(await world.resolve(`W${n}`, "github"), `written ${n}`);
    }
    assert.deepEqual(await listKeyVersions(world.sql), [4]);
    assert.deepEqual(await versionsUsed(world), [4]);
  });
});

Deno.test("a rotation that was killed in the middle is resumed, and readable meanwhile", async () => {
  await withVault(async (world) => {
    await fill(world, 30);
    const killed = openPool(world.database.owner, { max: 1, applicationName: "killed" });
    await assert.rejects(rotateDataKey({ ...world.context, sql: killed }, {
      batch: 4,
      onProgress: (resealed) => {
        if (resealed >= 8) throw new Error("killed");
      },
    }));
    await killed.end({ timeout: 1 });
    assert.deepEqual(await listKeyVersions(world.sql), [1, 2]);
    assert.deepEqual(await versionsUsed(world), [1, 2]);
    for (let n = 0; n < 30; n++) assert.equal(await world.resolve(`S${n}`, "github"), `value ${n}`);
    const done = await rotateDataKey(world.context, { batch: 4 });
    assert.deepEqual(done, { version: 2, resealed: 22, resumed: true });
    assert.deepEqual(await listKeyVersions(world.sql), [2]);
    for (let n = 0; n < 30; n++) assert.equal(await world.resolve(`S${n}`, "github"), `value ${n}`);
  });
});

Deno.test("a secret sealed with the old key at the last moment keeps that key until it is done", async () => {
  await withVault(async (world) => {
    await fill(world, 3);
    const late = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    // A writer that has taken the old key and commits late.
    const writing = setSecrets({
      ...world.context,
      record: async (sql, events) => {
        begun.resolve();
        await late.promise;
        await world.context.record(sql, events);
      },
    }, [{ owner: { kind: "global" }, name: "LATE", servers: ["github"], value: secretOf("late") }]);
    await begun.promise;
    const rotating = rotateDataKey(world.context, {
      onProgress: (resealed) => resealed >= 3 && setTimeout(() => late.resolve(), 50),
    });
    await writing;
    assert.equal((await rotating).resealed, 4);
    assert.deepEqual(await listKeyVersions(world.sql), [2]);
    assert.equal(await world.resolve("LATE", "github"), "late");
  });
});

Deno.test("two rotations at once do the work once", async () => {
  await withVault(async (world) => {
    await fill(world, 40);
    const done = await Promise.all([
      rotateDataKey(world.context, { batch: 5 }),
      rotateDataKey(world.context, { batch: 5 }),
    ]);
    assert.equal(done.reduce((sum, { resealed }) => sum + resealed, 0) % 40, 0);
    const [only, ...others] = await listKeyVersions(world.sql);
    assert.deepEqual(others, []);
    assert.deepEqual(await versionsUsed(world), [only]);
    assert.equal(await world.resolve("S7", "github"), "value 7");
  });
});

Deno.test("a new master key opens beside the old one, then alone", async () => {
  await withVault(async (world) => {
    await fill(world, 3);
    const next = newMaster();
    const other = openVault(world.serving, next);
    const read = async (): Promise<string | undefined> =>
      textOf(await other.resolve("S1", "github", "u", undefined));
    await rejectsWith(read(), "invalid");
    await addMaster(world.context, next);
    await addMaster(world.context, next);
    assert.equal(await read(), "value 1");
    assert.equal(await world.resolve("S1", "github"), "value 1");
    await rejectsWith(rotateDataKey(world.context), "conflict");
    await rejectsWith(addMaster(world.context, newMaster()), "conflict");
    await rejectsWith(addMaster({ ...world.context, master: newMaster() }, next), "conflict");
    const own = { ...world.context, master: next };
    assert.equal((await removeOtherMasters(own)).length, 1);
    assert.deepEqual(await removeOtherMasters(own), []);
    assert.equal((await listMasters(world.sql)).length, 1);
    assert.equal(await read(), "value 1");
    await rejectsWith(world.resolve("S1", "github"), "invalid");
    await rejectsWith(removeOtherMasters(world.context), "invalid");
    assert.equal((await rotateDataKey(own)).version, 2);
    assert.equal(await read(), "value 1");
  });
});

Deno.test("each step of a rotation is a row, and none tells of a value", async () => {
  await withVault(async (world) => {
    await fill(world, 3);
    await rotateDataKey(world.context);
    await addMaster(world.context, newMaster());
    await removeOtherMasters(world.context);
    const rows = await world.sql<{ kind: string; target: string; row: string }[]>`
      select kind, target, to_jsonb(audit)::text as row from audit order by id`;
    assert.deepEqual(rows.map(({ target }) => target), [
      ...Array(3).fill("vault:secret_created"),
      "vault:key_rotation_started",
      "vault:secrets_resealed",
      "vault:key_rotation_finished",
      "vault:master_key_added",
      "vault:master_key_removed",
    ]);
    assert.ok(rows.every(({ kind, row }) => kind === "admin" && !row.includes("value ")));
  });
});
