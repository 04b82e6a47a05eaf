import assert from "node:assert/strict";
import { openVault, setSecrets } from "../../src/vault/mod.ts";
import { rejectsWith } from "./identity_world.ts";
import { newMaster, withVault } from "./vault_world.ts";

Deno.test("a value comes back for the servers on its list and for no other", async () => {
  await withVault(async ({ set, resolve }) => {
    await set({ value: "ghp_canary", servers: ["github", "ci"] });
    assert.equal(await resolve("TOKEN", "github"), "ghp_canary");
    assert.equal(await resolve("TOKEN", "ci"), "ghp_canary");
    assert.equal(await resolve("TOKEN", "files"), undefined);
    assert.equal(await resolve("OTHER", "github"), undefined);
  });
});

Deno.test("the user's own goes before the department's, that before everybody's", async () => {
  await withVault(async ({ set, resolve }) => {
    await set({ value: "everybody" });
    await set({ value: "sales", owner: { kind: "department", id: "sales" } });
    await set({ value: "ada", owner: { kind: "user", id: "ada" } });
    assert.equal(await resolve("TOKEN", "github", "ada", "sales"), "ada");
    assert.equal(await resolve("TOKEN", "github", "bob", "sales"), "sales");
    assert.equal(await resolve("TOKEN", "github", "bob", "research"), "everybody");
    assert.equal(await resolve("TOKEN", "github", "bob"), "everybody");
  });
});

Deno.test("ids of users and departments are not mistaken for each other", async () => {
  await withVault(async ({ set, resolve }) => {
    await set({ value: "of the user", owner: { kind: "user", id: "sales" } });
    assert.equal(await resolve("TOKEN", "github", "bob", "sales"), undefined);
    assert.equal(await resolve("TOKEN", "github", "", ""), undefined);
  });
});

Deno.test("an own secret for another server does not hide everybody's", async () => {
  await withVault(async ({ set, resolve }) => {
    await set({ value: "everybody", servers: ["github", "ci"] });
    await set({ value: "ada", owner: { kind: "user", id: "ada" }, servers: ["github"] });
    assert.equal(await resolve("TOKEN", "ci", "ada"), "everybody");
    assert.equal(await resolve("TOKEN", "github", "ada"), "ada");
  });
});

Deno.test("an expired secret gives nothing, nor does a wider one in its place", async () => {
  await withVault(async ({ set, resolve, time }) => {
    await set({ value: "everybody" });
    const expiresAt = new Date(Date.now() + 60_000);
    await set({ value: "ada", owner: { kind: "user", id: "ada" }, expiresAt });
    assert.equal(await resolve("TOKEN", "github", "ada"), "ada");
    time.ahead = 61_000;
    assert.equal(await resolve("TOKEN", "github", "ada"), undefined);
    assert.equal(await resolve("TOKEN", "github", "bob"), "everybody");
  });
});

Deno.test("use is noted, to the minute", async () => {
  await withVault(async ({ set, resolve, sql, time }) => {
    await set({ value: "v" });
    const lastUse = async (): Promise<number | undefined> => {
      const [row] = await sql<{ at: Date | null }[]>`select last_used_at as at from secrets`;
      return row?.at?.getTime();
    };
    assert.equal(await lastUse(), undefined);
    await resolve("TOKEN", "github");
    const first = await lastUse();
    assert.ok(first);
    await resolve("TOKEN", "github");
    assert.equal(await lastUse(), first);
    time.ahead = 90_000;
    await resolve("TOKEN", "github");
    assert.ok((await lastUse() ?? 0) >= first + 60_000);
  });
});

Deno.test("another master key opens nothing and changes nothing", async () => {
  await withVault(async ({ set, serving, context }) => {
    await set({ value: "ghp_canary" });
    const other = newMaster();
    await rejectsWith(
      openVault(serving, other).resolve("TOKEN", "github", "u", undefined),
      "invalid",
    );
    await rejectsWith(setSecrets({ ...context, master: other }, []), "invalid");
  });
});
