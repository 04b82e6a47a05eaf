import assert from "node:assert/strict";
import { withDatabase } from "../support/mod.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

interface Bench {
  readonly home: string;
  readonly url: string;
  readonly profile: string;
  run(...args: string[]): Promise<Result>;
}

async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    await withDatabase(async ({ url }) => {
      await work({
        home,
        url,
        profile: `${home}/profiles/local/profile.yaml`,
        run: (...args) => spgov(["admin", "setup", ...args, "--json", "--home", home]),
      });
    }, { migrations: [] });
  });
}

Deno.test("admin setup makes profile, keys, migrated database and operator, and can be run again", async () => {
  await withBench(async ({ home, url, profile, run }) => {
    const args = ["--database-url", url, "--port", "8443", "--email", "ops@example.com", "--yes"];
    const first = await run(...args);
    assert.equal(first.code, 0, first.stderr);
    const { data } = JSON.parse(first.stdout);
    assert.deepEqual([data.profile_state, data.master_key_created], ["created", true]);
    assert.equal(data.operator.email, "ops@example.com");
    assert.ok(data.database.migrations_applied > 0);
    for (const file of [profile, `${home}/keys/master.key`]) {
      assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600, file);
    }
    const text = await Deno.readTextFile(profile);
    assert.match(text, /^ {2}port: 8443$/m);
    assert.ok(text.endsWith("\n"));
    const key = await Deno.readTextFile(`${home}/keys/master.key`);
    const again = await run(...args);
    assert.equal(again.code, 0, again.stderr);
    const second = JSON.parse(again.stdout).data;
    assert.deepEqual([second.profile_state, second.master_key_created], ["unchanged", false]);
    assert.deepEqual([second.operator.created, second.database.migrations_applied], [false, 0]);
    assert.equal(await Deno.readTextFile(profile), text);
    assert.equal(await Deno.readTextFile(`${home}/keys/master.key`), key);
    const password = new URL(url).password;
    if (password !== "") assert.ok(!(first.stdout + first.stderr).includes(password));
  });
});

Deno.test("admin setup changes only what is given and keeps comments", async () => {
  await withBench(async ({ url, profile, run }) => {
    await run("--database-url", url, "--yes");
    const marked = `${await Deno.readTextFile(profile)}# mine\nlog: { level: debug }\n`;
    await Deno.writeTextFile(profile, marked);
    const unasked = await run("--port", "9000");
    assert.equal(unasked.code, 2);
    assert.equal(await Deno.readTextFile(profile), marked);
    const changed = await run("--port", "9000", "--email", "new@example.com", "--yes");
    assert.equal(changed.code, 0, changed.stderr);
    assert.equal(JSON.parse(changed.stdout).data.operator.email, "new@example.com");
    const text = await Deno.readTextFile(profile);
    assert.match(text, /port: 9000/);
    assert.match(text, /# mine\nlog: \{ level: debug \}/);
  });
});

Deno.test("admin setup --dry-run and bad answers write nothing", async () => {
  await withBench(async ({ home, url, profile, run }) => {
    const dry = await run("--dry-run", "--database-url", url);
    assert.equal(dry.code, 0, dry.stderr);
    assert.equal(JSON.parse(dry.stdout).data.dry_run, true);
    const password = new URL(url).password;
    if (password !== "") assert.ok(!dry.stdout.includes(password));
    assert.equal((await run("--name", "../evil", "--yes")).code, 2);
    assert.equal((await run("--database-url", "mysql://x", "--yes")).code, 5);
    assert.equal((await run("--services", `${home}/none`, "--yes")).code, 2);
    const left = await Array.fromAsync(Deno.readDir(home), ({ name }) => name);
    assert.deepEqual(left, []);
    await Deno.mkdir(`${home}/profiles/local`, { recursive: true });
    await Deno.writeTextFile(profile, "name: local\nservr: {}\n");
    const invalid = await run("--port", "9000", "--yes");
    assert.equal(invalid.code, 5);
    assert.match(invalid.stderr, /profile\.yaml:2:1/);
    assert.equal(await Deno.readTextFile(profile), "name: local\nservr: {}\n");
  });
});
