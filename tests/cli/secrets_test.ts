import assert from "node:assert/strict";
import type { Pool } from "../../src/db/mod.ts";
import { pause } from "../../src/kernel/pause.ts";
import { withSecretsHome } from "./secrets_home.ts";

/** Waits until some other session waits for a lock. */
async function becomesBlocked(sql: Pool): Promise<void> {
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    const rows = await sql`
      select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`;
    if (rows.length > 0) return;
    await pause(20);
  }
  throw new Error("Nobody waits");
}

const CANARY = "ghp_Canary7391xYz";
const SERVER = ["--server", "demo-github"];

Deno.test("cloud secrets: set, show, list, update, rotate, delete, each with its row", async () => {
  await withSecretsHome(async ({ json, run, sql, resolve, printed }) => {
    const made = await json(["set", "TOKEN", ...SERVER, "--expires", "90d"], `${CANARY}\n`);
    assert.deepEqual([made.owner_kind, made.owner_id, made.servers, made.state], [
      "global",
      null,
      ["demo-github"],
      "active",
    ]);
    assert.ok(Date.parse(made.expires_at) > Date.now() + 89 * 86_400_000);
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
    assert.equal(await resolve("TOKEN", "demo-files"), undefined);
    const shown = await json(["show", "TOKEN"]);
    assert.equal(shown.id, made.id);
    assert.ok(shown.last_used_at);
    const listed = await json(["list"]);
    assert.deepEqual([listed.total, listed.secrets], [1, [shown]]);
    const updated = await json([
      "update",
      "TOKEN",
      "--server",
      "demo-files,demo-github",
      "--expires",
      "never",
    ]);
    assert.deepEqual([updated.servers, updated.expires_at], [["demo-files", "demo-github"], null]);
    assert.equal(await resolve("TOKEN", "demo-files"), CANARY);
    const rotated = await json(["rotate", "TOKEN"], "ghp_Canary-two");
    assert.ok(rotated.rotated_at > made.rotated_at);
    assert.equal(await resolve("TOKEN", "demo-files"), "ghp_Canary-two");
    assert.equal((await run(["delete", "TOKEN"])).code, 2);
    assert.equal((await json(["unset", "TOKEN", "--yes"])).id, made.id);
    assert.deepEqual((await json(["list"])).secrets, []);
    assert.equal((await run(["show", "TOKEN"])).code, 3);
    assert.equal((await run(["rotate", "TOKEN"], "x")).code, 3);

    const rows = await sql<{ kind: string; target: string; userId: string; row: string }[]>`
      select kind, target, user_id, to_jsonb(audit)::text as row from audit order by id`;
    assert.deepEqual(rows.map(({ target }) => target), [
      "vault:secret_created",
      "vault:secret_updated",
      "vault:secret_rotated",
      "vault:secret_deleted",
    ]);
    for (const { kind, userId, row } of rows) {
      assert.deepEqual([kind, userId], ["admin", "operator"]);
      assert.match(row, /TOKEN/);
    }
    assert.ok(![...printed, ...rows.map(({ row }) => row)].some((text) => /Canary/.test(text)));
  });
});

Deno.test("cloud secrets: whose it is decides, and lists can be narrowed", async () => {
  await withSecretsHome(async ({ json, run, spgov, resolve }) => {
    const user = await spgov([
      ...["admin", "users", "create", "--name", "ada", "--email", "ada@example.com", "--json"],
    ]);
    const { id } = JSON.parse(user.stdout).data;
    await json(["set", "TOKEN", ...SERVER], "of everybody");
    await json(["set", "TOKEN", ...SERVER, "--department", "research"], "of research");
    await json(["set", "TOKEN", ...SERVER, "--user", "ada", "--expires", "7d"], "of ada");
    assert.equal(await resolve("TOKEN", "demo-github", id, "research"), "of ada");
    assert.equal(await resolve("TOKEN", "demo-github", "bob", "research"), "of research");
    assert.equal(await resolve("TOKEN", "demo-github", "bob"), "of everybody");
    assert.equal((await json(["list"])).total, 3);
    assert.deepEqual((await json(["list", "--user", "ada"])).secrets[0].owner_id, id);
    assert.equal((await json(["list", "--expiring", "30d"])).total, 1);
    assert.equal((await json(["list", "--expiring", "1d"])).total, 0);
    assert.equal((await json(["list", "--server", "demo-files"])).total, 0);
    assert.equal((await run(["show", "TOKEN", "--user", "eve"])).code, 3);
    assert.equal((await run(["show", "TOKEN", "--user", "ada", "--department", "x"])).code, 2);
    await json(["delete", "TOKEN", "--user", "ada", "--yes"]);
    assert.equal(await resolve("TOKEN", "demo-github", id, "research"), "of research");
  });
});

Deno.test("cloud secrets: a value on the command line is refused and not repeated", async () => {
  await withSecretsHome(async ({ run, json, printed }) => {
    const cases = [
      ["set", "TOKEN", CANARY, ...SERVER],
      ["set", `TOKEN=${CANARY}`, ...SERVER],
      ["set", "TOKEN", `--value=${CANARY}`, ...SERVER],
      ["set", "TOKEN", "--value", CANARY, ...SERVER],
      ["set", "TOKEN", "-v", CANARY],
      ["set", "TOKEN", ...SERVER, "--", CANARY],
      ["rotate", "TOKEN", CANARY],
      ["import", `TOKEN=${CANARY}`],
    ];
    for (const args of cases) {
      for (const json of [[], ["--json"]]) {
        const { code } = await run([...args, ...json], "from stdin");
        assert.equal(code, 2, args.join(" "));
      }
    }
    assert.ok(!printed.some((text) => text.includes("Canary")), printed.join("\n"));
    assert.deepEqual((await json(["list"])).secrets, []);
  });
});

Deno.test("cloud secrets: a value is taken as it is, less one line end, or refused", async () => {
  await withSecretsHome(async ({ run, json, resolve, home }) => {
    const key = "-----BEGIN KEY-----\nabc\n-----END KEY-----\n";
    const cases: readonly (readonly [input: string, kept: string])[] = [
      ["value\r\n", "value"],
      [" sp aces \n\n", " sp aces \n"],
      ["ünïcödé\n", "ünïcödé"],
      [key, key.slice(0, -1)],
      ["x".repeat(65_536), "x".repeat(65_536)],
    ];
    for (const [input, kept] of cases) {
      await json(["set", "TOKEN", ...SERVER], input);
      assert.equal(await resolve("TOKEN", "demo-github"), kept);
    }
    await Deno.writeTextFile(`${home}/value`, "from a file\n");
    await json(["rotate", "TOKEN", "--from-file", `${home}/value`], "not this");
    assert.equal(await resolve("TOKEN", "demo-github"), "from a file");
    for (const bad of ["", "\n", "a\0b", "x".repeat(65_537)]) {
      assert.equal((await run(["set", "TOKEN", ...SERVER], bad)).code, 5);
    }
    await Deno.writeFile(`${home}/value`, Uint8Array.of(0x66, 0xff, 0x66));
    assert.equal((await run(["set", "T", ...SERVER, "--from-file", `${home}/value`])).code, 5);
    assert.equal((await run(["set", "T", ...SERVER, "--from-file", `${home}/none`])).code, 3);
    assert.equal((await run(["set", "T"], "for nobody")).code, 5);
    assert.equal((await run(["set", "T", "--server", "all"], "value")).code, 5);
    assert.equal((await run(["set", "T", ...SERVER, "--expires", "2020-01-01"], "value")).code, 2);
    assert.equal(await resolve("TOKEN", "demo-github"), "from a file");
  });
});

Deno.test("cloud secrets set: what is typed at the prompt is not shown, and can be corrected", async () => {
  await withSecretsHome(async ({ type, resolve }) => {
    const set = ["set", "TOKEN", ...SERVER];
    const typed = await type(set, "(not shown):", `${CANARY}x\u00e9\x7f\x7f\r`);
    assert.equal(typed.code, 0, typed.shown);
    assert.match(typed.shown, /TOKEN/);
    assert.doesNotMatch(typed.shown, /Canary/);
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
    const cancelled = await type(["rotate", "TOKEN"], "(not shown):", "ghp_Canary-new\x03");
    assert.equal(cancelled.code, 1, cancelled.shown);
    assert.doesNotMatch(cancelled.shown, /Canary/);
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
  });
});

Deno.test("cloud secrets import: everything or nothing, and a dry run changes nothing", async () => {
  await withSecretsHome(async ({ run, json, resolve, home, printed, sql }) => {
    const file = `${home}/.env`;
    await Deno.writeTextFile(file, `A=${CANARY}\nexport B="two\\nlines"\n`);
    await json(["set", "A", ...SERVER], "before");
    const plan = await json(["import", "--from-file", file, ...SERVER, "--dry-run"]);
    assert.deepEqual(plan.secrets, [{ name: "A", action: "replace" }, {
      name: "B",
      action: "create",
    }]);
    assert.equal(await resolve("A", "demo-github"), "before");
    await json(["import", "--from-file", file, ...SERVER]);
    assert.equal(await resolve("A", "demo-github"), CANARY);
    assert.equal(await resolve("B", "demo-github"), "two\nlines");
    const bad = [
      `C=${CANARY}\nnot an entry\n`,
      `C=${CANARY}\nD=\n`,
      `C=${CANARY}\nC=${CANARY}\n`,
      JSON.stringify({ C: CANARY, "no name": "x" }),
      JSON.stringify({ C: CANARY, D: 7 }),
    ];
    for (const text of bad) {
      assert.equal((await run(["import", ...SERVER], text)).code, 5, text);
      assert.equal((await run(["import", ...SERVER, "--dry-run"], text)).code, 5, text);
    }
    assert.equal((await run(["import"], "C=for-nobody")).code, 5);
    assert.equal((await run(["import", "--dry-run"], "C=for-nobody")).code, 5);
    assert.equal((await json(["list"])).total, 2);
    await json(["import", ...SERVER], JSON.stringify({ C: "json" }));
    assert.equal(await resolve("C", "demo-github"), "json");
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from audit`;
    assert.equal(row?.n, 4);
    assert.ok(!printed.some((text) => text.includes("Canary")), printed.join("\n"));
  });
});

Deno.test("cloud secrets rotate-key: killed in the middle it goes on where it was", async () => {
  await withSecretsHome(async ({ json, resolve, sql, start }) => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`S${n}`, `value ${n}`]));
    await json(["import", ...SERVER], JSON.stringify(many));
    // The batch that reaches this one waits: the command is killed while it does.
    const held = await sql.reserve();
    await held`begin`;
    const [last] = await held`select id from secrets order by id desc limit 1 for update`;
    assert.ok(last);
    const child = start(["rotate-key"]);
    await becomesBlocked(sql);
    child.kill("SIGKILL");
    await child.output();
    await child.stdin.close().catch(() => {});
    await held`rollback`;
    held.release();
    const versions = await sql<{ version: number }[]>`select version from vault_keys order by 1`;
    assert.deepEqual(versions.map(({ version }) => version), [1, 2]);
    assert.equal(await resolve("S7", "demo-github"), "value 7");
    const done = await json(["rotate-key"]);
    assert.deepEqual([done.key_version, done.resumed], [2, true]);
    assert.equal(done.resealed, 100);
    for (const n of [0, 150, 299]) {
      assert.equal(await resolve(`S${n}`, "demo-github"), `value ${n}`);
    }
  });
});

Deno.test("cloud secrets rotate-key --master: both keys open until it is finished", async () => {
  await withSecretsHome(async ({ run, json, resolve, home, variables }) => {
    await json(["set", "TOKEN", ...SERVER], CANARY);
    const before = await Deno.readTextFile(`${home}/keys/master.key`);
    assert.equal((await run(["rotate-key", "--master"])).code, 2);
    const placed = await json(["rotate-key", "--master", "--yes"]);
    assert.equal(placed.placed, true);
    assert.notEqual(await Deno.readTextFile(`${home}/keys/master.key`), before);
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
    variables.SPGOV_MASTER_KEY = before.trim();
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
    assert.equal((await run(["rotate-key", "--master", "--yes"])).code, 2);
    delete variables.SPGOV_MASTER_KEY;
    const { removed } = await json(["rotate-key", "--master", "--finish", "--yes"]);
    assert.equal(removed.length, 1);
    assert.equal(await resolve("TOKEN", "demo-github"), CANARY);
    const left = await Array.fromAsync(Deno.readDir(`${home}/keys`), ({ name }) => name);
    assert.deepEqual(left, ["master.key"]);
    variables.SPGOV_MASTER_KEY = before.trim();
    await assert.rejects(resolve("TOKEN", "demo-github"));
    assert.equal((await run(["set", "OTHER", ...SERVER], "x")).code, 5);
  });
});

Deno.test("doctor names what expires soon, an unfinished rotation and a foreign master key", async () => {
  await withSecretsHome(async ({ json, spgov, sql, variables, home }) => {
    async function find(): Promise<string> {
      const { stdout } = await spgov(["doctor", "--json"]);
      const { checks } = JSON.parse(stdout).data;
      const found = checks.find(({ name }: { name: string }) => name === "secrets");
      return `${found.status}: ${found.detail}`;
    }
    assert.match(await find(), /^ok: 0 secrets/);
    await json(["set", "LATER", ...SERVER, "--expires", "90d"], CANARY);
    assert.match(await find(), /^ok: 1 secrets/);
    await json(["set", "SOON", ...SERVER, "--expires", "7d"], CANARY);
    assert.match(await find(), /^warn: 2 secrets, .* SOON \(/);
    await sql`insert into vault_keys (version) values (2)`;
    assert.match(await find(), /^warn: A rotation .* not finished/);
    await sql`delete from vault_keys where version = 2`;
    variables.SPGOV_MASTER_KEY = btoa("x".repeat(32));
    assert.match(await find(), /^fail: Another master key/);
    delete variables.SPGOV_MASTER_KEY;
    await Deno.writeTextFile(`${home}/next`, btoa("y".repeat(32)));
    await json(["rotate-key", "--master", "--yes", "--from-file", `${home}/next`]);
    assert.match(await find(), /^warn: Two master keys/);
  });
});
