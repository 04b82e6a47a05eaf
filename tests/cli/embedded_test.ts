import assert from "node:assert/strict";
import { findEmbedded } from "../../src/postgres/mod.ts";
import { command, spgov, withHome } from "./spgov.ts";

Deno.test("without a service the embedded server runs for the length of the command", async () => {
  await withHome(async (home) => {
    const env = { SPGOV_BALLAST_MB: "0" };
    const run = (...args: string[]) => spgov([...args, "--home", home, "--json"], { env });
    const migrated = await run("infra", "db", "migrate");
    assert.equal(migrated.code, 0, migrated.stderr);
    assert.equal(await findEmbedded(home), undefined);
    const [tables, count] = await Promise.all([
      run("infra", "db", "tables"),
      run("infra", "db", "count", "audit"),
    ]);
    assert.equal(tables.code, 0, tables.stderr);
    assert.equal(JSON.parse(count.stdout).data.count, 0);
    assert.equal(await findEmbedded(home), undefined, "the server was left running");

    for (
      const escape of [
        "select set_config('role', 'spgov_owner', true)",
        "copy (select 1) to program 'true'",
      ]
    ) {
      assert.equal((await run("infra", "db", "query", escape)).code, 4, escape);
    }
    const role = await run(
      "infra",
      "db",
      "query",
      "select session_user, rolsuper from pg_roles where rolname = session_user",
    );
    assert.deepEqual(JSON.parse(role.stdout).data.rows, [
      { session_user: "spgov_read", rolsuper: false },
    ]);

    const sleeping = command(["infra", "db", "query", "select pg_sleep(60)", "--home", home], {
      env,
    })
      .spawn();
    while (await findEmbedded(home) === undefined) {
      await new Promise((next) => setTimeout(next, 20));
    }
    await new Promise((next) => setTimeout(next, 200));
    sleeping.kill("SIGINT");
    const { code } = await sleeping.status;
    assert.equal(code, 130);
    await Promise.all([sleeping.stdout.cancel(), sleeping.stderr.cancel(), sleeping.stdin.close()]);
    assert.equal(await findEmbedded(home), undefined, "Ctrl-C left the server running");

    const doctor = await run("doctor", "--port", "0");
    assert.equal(doctor.code, 0, doctor.stdout);
    await Deno.chmod(`${home}/keys/database.json`, 0o644);
    const open = await run("doctor", "--port", "0");
    assert.equal(open.code, 1);
    const { data } = JSON.parse(open.stdout);
    const failed = data.checks.filter((check: { status: string }) => check.status === "fail");
    assert.deepEqual(failed.map((check: { name: string }) => check.name), ["key-files"]);
  });
});
