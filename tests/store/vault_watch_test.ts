import assert from "node:assert/strict";
import { pause } from "../../src/kernel/pause.ts";
import { deleteSecret, rotateDataKey, updateSecret } from "../../src/vault/mod.ts";
import { type VaultWorld, watchOf, withVault } from "./vault_world.ts";

const GLOBAL = { kind: "global" } as const;

interface Watched {
  /** Waits until this name was reported, and forgets all that were. */
  hears(name: string): Promise<void>;
  /** Names reported and not forgotten. */
  readonly heard: string[];
}

async function withWatch(
  world: VaultWorld,
  work: (watched: Watched) => Promise<void>,
): Promise<void> {
  const heard: string[] = [];
  const watch = watchOf(world, (names) => void heard.push(...names));
  async function hears(name: string): Promise<void> {
    const end = performance.now() + 15_000;
    while (!heard.includes(name)) {
      assert.ok(performance.now() < end, `${name} was not heard, only ${heard.join()}`);
      await pause(10);
    }
    heard.length = 0;
  }
  try {
    await work({ hears, heard });
  } finally {
    await watch.stop();
  }
}

/** Changes FIRST until the watch, which begins some time, reports it. */
async function begin({ set }: VaultWorld, watched: Watched): Promise<void> {
  for (let n = 0; watched.heard.length === 0; n++) {
    await set({ name: "FIRST", value: `${n}` });
    await pause(20);
  }
  await set({ name: "SECOND", value: "x" });
  await watched.hears("SECOND");
}

Deno.test("whoever handed out a value hears when it changes, and of nothing else", async () => {
  await withVault(async (world) => {
    await withWatch(world, async (watched) => {
      await begin(world, watched);
      await world.set({ name: "A", value: "one" });
      await watched.hears("A");
      await updateSecret(world.context, { owner: GLOBAL, name: "A" }, { servers: ["ci"] });
      await watched.hears("A");
      // Neither use nor another key is a change.
      await world.resolve("A", "ci");
      await rotateDataKey(world.context);
      await world.set({ name: "B", value: "two" });
      await watched.hears("B");
      assert.deepEqual(watched.heard, []);
      await deleteSecret(world.context, { owner: GLOBAL, name: "A" });
      await watched.hears("A");
    });
  });
});

Deno.test("a value that expires is heard of", async () => {
  await withVault(async (world) => {
    await withWatch(world, async (watched) => {
      await begin(world, watched);
      await world.set({ name: "BRIEF", value: "v", expiresAt: new Date(Date.now() + 1500) });
      await watched.hears("BRIEF");
      await watched.hears("BRIEF");
      assert.equal(await world.resolve("BRIEF", "github"), undefined);
    });
  });
});

Deno.test("a change while the connection was lost is heard of", async () => {
  await withVault(async (world) => {
    await withWatch(world, async (watched) => {
      await begin(world, watched);
      await world.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'test watch'`;
      await world.set({ name: "LOST", value: "v" });
      await watched.hears("LOST");
    });
  });
});
