import assert from "node:assert/strict";
import { withAdminHome } from "./admin_home.ts";

Deno.test("admin ban add, list and remove name an address in one spelling", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    const network = ["ban", "add", "--address", "10.1.2.3/8", "--reason", "scans"];
    const added = await json([...network, "--expires", "24h"]);
    assert.equal(added.subject, "10.0.0.0/8");
    const left = Date.parse(added.expires_at) - Date.parse(added.created_at);
    assert.ok(Math.abs(left - 86_400_000) < 60_000, `${left}`);
    await json(["ban", "add", "--address", "::ffff:192.0.2.7", "--reason", "abuse"]);
    const { bans } = await json(["ban", "list"]);
    assert.deepEqual(
      bans.map((ban: { subject: string }) => ban.subject),
      ["192.0.2.7", "10.0.0.0/8"],
    );
    assert.equal(bans[0].expires_at, null);
    await json(["ban", "remove", "--address", "192.0.2.7"]);
    assert.equal((await run(["ban", "remove", "--address", "192.0.2.7"])).code, 3);
    assert.equal((await json(["ban", "list"])).bans.length, 1);
    const rows = await sql`
      select target, detail->>'subject' as subject from audit
       where target like 'identity:ban%' order by created_at, id`;
    assert.deepEqual(rows.map(({ target, subject }) => [target, subject]), [
      ["identity:ban_added", "10.0.0.0/8"],
      ["identity:ban_added", "192.0.2.7"],
      ["identity:ban_removed", "192.0.2.7"],
    ]);
  });
});

Deno.test("admin ban takes a user by name, and refuses what is nobody or nothing", async () => {
  await withAdminHome(async ({ run, json }) => {
    const ada = await json(["users", "create", "--name", "ada", "--email", "ada@example.com"]);
    const reason = ["--reason", "leak"];
    assert.equal((await json(["ban", "add", "--user", "ada", ...reason])).subject, ada.id);
    assert.equal((await run(["session", "token", "--user", "ada"])).code, 4);
    await json(["ban", "remove", "--user", "ada@example.com"]);
    assert.equal((await run(["session", "token", "--user", "ada"])).code, 0);
    assert.equal((await run(["ban", "add", "--user", "nobody", ...reason])).code, 3);
    for (const address of ["localhost", "10.0.0.0/33", "1", "0x7f.1", "010.0.0.1"]) {
      assert.equal((await run(["ban", "add", "--address", address, ...reason])).code, 5, address);
    }
    assert.equal((await run(["ban", "add", "--address", "192.0.2.7"])).code, 2, "no reason");
    assert.equal((await run(["ban", "add", ...reason])).code, 2, "nobody");
    const both = ["--user", "ada", "--address", "192.0.2.7"];
    assert.equal((await run(["ban", "add", ...both, ...reason])).code, 2, "two");
    assert.deepEqual((await json(["ban", "list"])).bans, []);
  });
});
