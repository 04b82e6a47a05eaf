/**
 * Whoever can write the vault's tables, but has no master key, cannot read a value, move it to somebody else,
 * or let another server have it: the row does not open any more.
 */
import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { openVault, rotateDataKey } from "../../src/vault/mod.ts";
import { rejectsWith } from "../store/identity_world.ts";
import { newMaster, type VaultWorld, withVault } from "../store/vault_world.ts";

const CANARY = "ghp_Canary7391xYz";

/** A secret of ada's for `github`, version 1, and one of bob's. */
async function withSecrets(work: (world: VaultWorld) => Promise<void>): Promise<void> {
  await withVault(async (world) => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const ada = { kind: "user", id: "ada" } as const;
    const bob = { kind: "user", id: "bob" } as const;
    await world.set({ value: CANARY, owner: ada, expiresAt });
    await world.set({ value: "the value of bob", owner: bob, expiresAt });
    assert.equal(await world.resolve("TOKEN", "github", "ada"), CANARY);
    await work(world);
  });
}

type Change = (sql: Pool) => Promise<unknown>;

const flip = (column: string, at: string): Change => (sql) =>
  sql.unsafe(
    `update secrets set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)
      where owner_id = 'ada'`,
  );
const set = (assignment: string): Change => (sql) =>
  sql.unsafe(`update secrets set ${assignment} where owner_id = 'ada'`);

/** What is changed, and for whom and which server the value is asked for afterwards. */
const CHANGES: Readonly<Record<string, readonly [change: Change, user?: string, server?: string]>> =
  {
    "the first byte of the text": [flip("sealed", "0")],
    "the last byte of the text, which is of the tag": [flip("sealed", "length(sealed) - 1")],
    "a text cut short": [set("sealed = substring(sealed for length(sealed) - 1)")],
    "a text of nothing but a tag": [set("sealed = substring(sealed from length(sealed) - 15)")],
    "an empty text": [set("sealed = ''")],
    "a byte of the nonce": [flip("nonce", "3")],
    "the nonce and text of somebody else": [
      set(`(nonce, sealed) = (select nonce, sealed from secrets where owner_id = 'bob')`),
    ],
    "another owner": [
      (sql) =>
        sql.unsafe(`delete from secrets where owner_id = 'bob';
          update secrets set owner_id = 'bob' where owner_id = 'ada'`),
      "bob",
    ],
    "another kind of owner": [set("owner_kind = 'department'"), "eve"],
    "everybody as owner": [set("owner_kind = 'global', owner_id = ''"), "eve"],
    "another server": [set("servers = array['evil']"), "ada", "evil"],
    "one server more": [set("servers = array['evil', 'github']"), "ada", "evil"],
    "a later expiry": [set("expires_at = expires_at + interval '1 year'")],
    "no expiry": [set("expires_at = null")],
  };

for (const [name, [change, user = "ada", server = "github"]] of Object.entries(CHANGES)) {
  Deno.test(`a value does not open after a change of ${name}`, async () => {
    await withSecrets(async (world) => {
      await change(world.sql);
      const resolving = world.vault.resolve("TOKEN", server, user, "ada");
      await assert.rejects(resolving, (error) => {
        assert.match(String(error), /Cannot open the secret "TOKEN"/);
        assert.doesNotMatch(`${error} ${Deno.inspect(error)}`, /Canary/);
        return true;
      });
    });
  });
}

Deno.test("a value does not open under another name", async () => {
  await withSecrets(async ({ sql, resolve }) => {
    await sql`update secrets set name = 'OTHER' where owner_id = 'ada'`;
    await rejectsWith(resolve("OTHER", "github", "ada"), "invalid");
  });
});

Deno.test("a value does not open under another version of the key, old values not after a rotation", async () => {
  await withSecrets(async ({ sql, resolve, context }) => {
    const [old] = await sql`select * from secrets where owner_id = 'ada'`;
    await rotateDataKey(context);
    assert.equal(await resolve("TOKEN", "github", "ada"), CANARY);
    await sql`insert into vault_keys (version) values (7)`;
    await sql`
      insert into vault_key_wraps (version, master, nonce, wrapped)
      select 7, master, nonce, wrapped from vault_key_wraps`;
    await sql`update secrets set key_version = 7 where owner_id = 'ada'`;
    await rejectsWith(resolve("TOKEN", "github", "ada"), "invalid");
    await sql`update secrets set key_version = 2 where owner_id = 'ada'`;
    assert.equal(await resolve("TOKEN", "github", "ada"), CANARY);
    await sql`
      update secrets set nonce = ${old?.nonce}, sealed = ${old?.sealed} where owner_id = 'ada'`;
    await rejectsWith(resolve("TOKEN", "github", "ada"), "invalid");
  });
});

Deno.test("a wrapped key that was changed, or is of another master key, opens nothing", async () => {
  await withSecrets(async ({ sql, serving, resolve, database }) => {
    await rejectsWith(
      openVault(serving, newMaster()).resolve("TOKEN", "github", "ada", undefined),
      "invalid",
    );
    await sql`update vault_key_wraps set wrapped = set_byte(wrapped, 5, get_byte(wrapped, 5) # 128)`;
    await rejectsWith(resolve("TOKEN", "github", "ada"), "invalid");
    const other = openPool(database.owner, { max: 1, applicationName: "test" });
    await other`delete from vault_key_wraps`;
    await other.end();
    await rejectsWith(resolve("TOKEN", "github", "ada"), "invalid");
  });
});

Deno.test("no two sealings look alike, and what is stored tells little of a length", async () => {
  await withVault(async ({ set, sql }) => {
    const stored: { nonce: string; text: string; length: number }[] = [];
    for (const value of ["a", "a", "b".repeat(60), "c".repeat(63)]) {
      await set({ value });
      const [row] = await sql<{ nonce: string; text: string; length: number }[]>`
        select encode(nonce, 'hex') as nonce, encode(sealed, 'hex') as text, length(sealed) as length
          from secrets`;
      assert.ok(row);
      stored.push(row);
    }
    assert.equal(new Set(stored.map(({ nonce }) => nonce)).size, 4);
    assert.equal(new Set(stored.map(({ text }) => text)).size, 4);
    assert.deepEqual(stored.map(({ length }) => length), [80, 80, 80, 80]);
  });
});

Deno.test("only the vault's login reads what is sealed, and it cannot give a secret to another owner or touch the keys", async () => {
  await withSecrets(async ({ database, serving }) => {
    const refused = { code: "42501" };
    for (const address of [database.serve, database.read, database.retention]) {
      const sql = openPool(address, { max: 1, applicationName: "test" });
      for (const table of ["secrets", "vault_key_wraps"]) {
        await assert.rejects(sql.unsafe(`select * from ${table}`), refused, address.user);
        await assert.rejects(sql.unsafe(`delete from ${table}`), refused, address.user);
      }
      await assert.rejects(sql`select sealed from secrets`, refused);
      // Under SET ROLE the owner itself is connected, who may become anything.
      if (!address.role) await assert.rejects(sql`set role spgov_vault`, refused);
      await sql.end({ timeout: 1 });
    }
    const read = openPool(database.read, { max: 1, applicationName: "test" });
    assert.equal((await read`select name, servers from secrets`).length, 2);
    await read.end({ timeout: 1 });
    for (
      const statement of [
        "update secrets set owner_id = 'eve'",
        "update secrets set name = 'OTHER'",
        "insert into secrets select * from secrets",
        "insert into vault_keys (version) values (9)",
        "delete from vault_keys",
      ]
    ) {
      await assert.rejects(serving.unsafe(statement), refused, statement);
    }
  });
});
