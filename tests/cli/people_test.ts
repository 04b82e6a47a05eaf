import assert from "node:assert/strict";
import { join } from "node:path";
import { withAdminHome } from "./admin_home.ts";
import { spgov } from "./spgov.ts";

const KEY = /^spgk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/;

Deno.test("departments, groups and roles: made, shown, changed, refused with the right status", async () => {
  await withAdminHome(async ({ run, json }) => {
    await json(["departments", "create", "--name", "finance"]);
    await json(["departments", "create", "--name", "payroll", "--parent", "finance"]);
    const { departments } = await json(["departments", "list"]);
    assert.deepEqual(departments.map(({ path }: { path: string }) => path), [
      "finance",
      "finance/payroll",
    ]);
    const circle = await run(["departments", "update", "finance", "--parent", "payroll"]);
    assert.equal(circle.code, 5);
    const alike = await run([
      "users",
      "create",
      ...["--name", "x", "--email", "x@y.com"],
      "--department",
      "Finance",
    ]);
    assert.equal(alike.code, 5);
    assert.match(alike.stderr, /Did you mean "finance"/);
    await json([
      "users",
      "create",
      "--name",
      "ada",
      "--email",
      "ada@y.com",
      "--department",
      "payroll",
    ]);
    assert.equal((await json(["departments", "show", "payroll"])).total, 1);
    assert.equal((await run(["departments", "delete", "payroll", "--yes"])).code, 1);
    assert.equal((await run(["departments", "show", "nowhere"])).code, 3);
    await json(["groups", "create", "--name", "on-call"]);
    assert.equal((await json(["groups", "add", "on-call", "--user", "ada"])).added.length, 1);
    assert.equal((await json(["groups", "show", "on-call"])).members[0].name, "ada");
    assert.equal((await json(["groups", "list"])).groups[0].members, 1);
    assert.equal((await json(["groups", "remove", "on-call", "--user", "ada"])).removed.length, 1);
    assert.equal((await json(["groups", "delete", "on-call", "--yes"])).name, "on-call");
    assert.equal((await json(["roles", "list"])).roles.length, 6);
    assert.equal((await run(["roles", "check", "user", "audit:write"])).code, 4);
    assert.equal((await run(["roles", "check", "admin", "audit:write"])).code, 0);
    assert.equal((await run(["roles", "show", "king"])).code, 2);
  });
});

Deno.test("a key is printed once, alone; checked, rotated, revoked; its account deleted ends it", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    await json(["users", "create", "--name", "ada", "--email", "ada@y.com"]);
    await json(["service-accounts", "create", "--name", "ci", "--owner", "ada"]);
    const flags = ["--name", "deploy", "--audience", "api", "--scope", "audit:read,users:*"];
    const made = await run(["keys", "create", "--user", "ci", ...flags]);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, KEY);
    const text = made.stdout.trim();
    const valid = await json(["keys", "check"], text);
    assert.deepEqual([valid.valid, valid.role, valid.scopes], [true, "service", [
      "audit:read",
      "users:*",
    ]]);
    assert.equal((await run(["keys", "check", "--audience", "hook"], text)).code, 4);
    const listed = JSON.stringify(await json(["keys", "list"]));
    assert.ok(listed.includes("deploy") && !listed.includes(text.slice(20)));
    const rotated = await run(["keys", "rotate", "deploy", "--yes"]);
    assert.match(rotated.stdout, KEY);
    assert.equal((await run(["keys", "check"], text)).code, 4);
    assert.equal((await run(["keys", "check"], rotated.stdout)).code, 0);
    assert.equal((await run(["keys", "revoke", rotated.stdout.slice(0, 17)])).code, 2);
    await json(["service-accounts", "delete", "ci", "--yes"]);
    const after = await json(["keys", "list"]);
    assert.deepEqual(after.keys.map(({ state }: { state: string }) => state), [
      "revoked",
      "revoked",
    ]);
    assert.equal((await run(["keys", "check"], rotated.stdout)).code, 4);
    assert.equal(
      (await run(["keys", "create", "--user", "ada", ...flags, "--role", "admin"])).code,
      4,
    );
    assert.equal((await run(["keys", "check"], "nonsense")).code, 2);
    const [rows] = await sql`select string_agg(a::text, '') as text from audit a`;
    assert.ok(!String(rows?.text).includes(text.slice(20)));
  });
});

Deno.test("people come from a file and go to one; merged, erased; the audit still verifies", async () => {
  await withAdminHome(async ({ home, url, run, json, sql }) => {
    const file = join(home, "people.csv");
    const csv = "email,name,roles\r\nada@y.com,Ada,user\r\nada2@y.com,Ada Two,user\r\n";
    await Deno.writeTextFile(file, `${csv}eve@y.com,=cmd(),user\r\n`);
    const refused = await run(["users", "import", "--file", file]);
    assert.equal(refused.code, 5);
    assert.match(refused.stderr, /4: name begins like a formula/);
    await Deno.writeTextFile(file, csv);
    const dry = await json(["users", "import", "--file", file, "--dry-run"]);
    assert.deepEqual([dry.created, dry.dry_run], [2, true]);
    assert.equal((await json(["users", "count"])).count, 0);
    assert.equal((await json(["users", "import", "--file", file])).created, 2);
    const output = join(home, "out.csv");
    assert.equal((await json(["users", "export", "--format", "csv", "--output", output])).total, 2);
    const written = await Deno.readTextFile(output);
    assert.match(written, /^email,name,/);
    assert.match(written, /\r\nada@y\.com,Ada,/);
    assert.equal(((await Deno.stat(output)).mode ?? 0) & 0o777, 0o600);
    const exported = await json(["users", "export"]);
    assert.deepEqual(exported.users.map(({ email }: { email: string }) => email).sort(), [
      "ada2@y.com",
      "ada@y.com",
    ]);
    assert.equal((await json(["users", "stats"])).total, 2);
    const about = async () => {
      const [row] =
        await sql`select id from audit where target = 'identity:user_created' order by id`;
      const shown = await spgov(["infra", "logs", "audit", row?.id, "--json", "--home", home], {
        env: { DATABASE_URL: url },
      });
      return JSON.parse(shown.stdout).data.about;
    };
    assert.match((await about()).email, /^ada2?@y\.com$/);
    assert.equal(
      (await run(["users", "merge", "--source", "ada2@y.com", "--target", "Ada"])).code,
      2,
    );
    await json(["users", "merge", "--source", "ada2@y.com", "--target", "ada@y.com", "--yes"]);
    const erased = await json(["users", "anonymise", "ada@y.com", "--yes"]);
    assert.equal(erased.status, "deleted");
    const [left] = await sql`
      select (select string_agg(a::text, '') from audit a) || (select string_agg(u::text, '') from users u) as text`;
    assert.doesNotMatch(String(left?.text), /ada@y/);
    // The first row is one of two people: merging keeps what it says, erasing takes it.
    const merged = exported.users.find(({ email }: { email: string }) => email === "ada2@y.com");
    await run(["users", "anonymise", merged.id, "--yes"]);
    assert.equal(await about(), null);
    const env = { DATABASE_URL: url };
    const verified = await spgov(["infra", "logs", "verify", "--home", home], { env });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    assert.equal((await run(["users", "bulk", "delete", "--yes"])).code, 2);
    assert.equal(
      (await json(["users", "bulk", "delete", "--role", "user", "--dry-run"])).would_delete,
      0,
    );
  });
});

Deno.test("bans of networks and devices: added, checked, lifted, with a length or for good", async () => {
  await withAdminHome(async ({ run, json }) => {
    const network = await json([
      "users",
      "ban",
      "add",
      "10.0.0.0/8",
      "--reason",
      "scans",
      "--duration",
      "7d",
    ]);
    assert.deepEqual([network.is_permanent, network.source], [false, "cli"]);
    assert.equal((await json(["users", "ban", "check", "10.9.8.7"])).is_banned, true);
    assert.equal((await json(["ban", "check", "11.0.0.1"])).is_banned, false);
    await json(["ban", "add", "--device", "laptop-7", "--reason", "stolen", "--permanent"]);
    assert.equal((await json(["ban", "check", "--device", "laptop-7"])).is_banned, true);
    assert.equal((await json(["ban", "list", "--kind", "device"])).bans.length, 1);
    await json(["ban", "remove", "--device", "laptop-7"]);
    assert.equal((await json(["ban", "check", "--device", "laptop-7"])).is_banned, false);
    const both = ["ban", "add", "10.0.0.1", "--reason", "x", "--permanent", "--duration", "1h"];
    assert.equal((await run(both)).code, 2);
    assert.equal((await run(["ban", "add", "10.0.0.1", "--device", "x", "--reason", "y"])).code, 2);
    assert.equal((await run(["ban", "check", "not-an-address"])).code, 5);
    assert.equal((await json(["ban", "cleanup", "--yes"])).cleaned, 0);
  });
});
