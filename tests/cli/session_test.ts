import assert from "node:assert/strict";
import { withAdminHome } from "./admin_home.ts";

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{43}\n$/;

function claimsOf(token: string): Record<string, unknown> {
  const payload = token.split(".")[1] ?? "";
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
}

Deno.test("admin session token prints the token alone; every call opens a session of its own", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    const first = await run(["session", "token", "--role", "user", "--ttl", "2h"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, TOKEN);
    const claims = claimsOf(first.stdout);
    assert.equal(claims.sub, "operator");
    assert.equal(claims.tier, "user");
    assert.equal(claims.aud, "hook");
    assert.equal(Number(claims.exp) - Number(claims.iat), 7200);
    const second = await json(["session", "token", "--audience", "api"]);
    assert.notEqual(second.session_id, claims.sid);
    assert.equal(second.role, "admin");
    assert.equal(claimsOf(second.token).aud, "api");
    const rows = await sql`
      select target from audit where session_id = ${String(claims.sid)} order by target`;
    assert.deepEqual(rows.map(({ target }) => target), [
      "identity:session_created",
      "identity:token_issued",
    ]);
  });
});

Deno.test("admin session token never raises a role, and records who was refused", async () => {
  await withAdminHome(async ({ run, json, sql }) => {
    const ada = await json(["users", "create", "--name", "ada", "--email", "ada@example.com"]);
    const raised = await run(["session", "token", "--user", "ada", "--role", "admin"]);
    assert.equal(raised.code, 4);
    assert.equal(raised.stdout, "");
    await json(["users", "update", "ada", "--status", "suspended"]);
    assert.equal((await run(["session", "token", "--user", "ada"])).code, 4);
    assert.equal((await run(["session", "token", "--user", "nobody"])).code, 3);
    assert.equal((await run(["session", "token", "--ttl", "400d"])).code, 2);
    assert.equal((await run(["session", "token", "--audience", "web"])).code, 2);
    const rows = await sql`
      select decision, detail->>'rule' as rule from audit
       where target = 'identity:sign_in_failed' and detail->>'user_id' = ${ada.id} order by rule`;
    assert.deepEqual(rows.map(({ decision, rule }) => [decision, rule]), [
      ["deny", "role_not_held"],
      ["deny", "user_inactive"],
    ]);
    assert.deepEqual((await json(["session", "list"])).sessions, []);
  });
});

Deno.test("admin session list, show and revoke", async () => {
  await withAdminHome(async ({ run, json }) => {
    await json(["users", "create", "--name", "ada", "--email", "ada@example.com"]);
    const mine = await json(["session", "token"]);
    const hers = await json(["session", "token", "--user", "ada"]);
    await json(["session", "token", "--user", "ada"]);
    assert.equal((await json(["session", "list", "--active"])).total, 3);
    assert.equal((await json(["session", "list", "--user", "ada"])).total, 2);
    assert.equal((await json(["session", "show", hers.session_id])).user_name, "ada");
    assert.equal((await run(["session", "show", "sess_nobody"])).code, 3);
    assert.deepEqual((await json(["session", "revoke", mine.session_id])).ended, [mine.session_id]);
    assert.deepEqual((await json(["session", "revoke", mine.session_id])).ended, []);
    assert.equal((await run(["session", "revoke", "sess_nobody"])).code, 3);
    assert.equal((await run(["session", "revoke", "--all"])).code, 2, "without --yes");
    assert.equal((await run(["session", "revoke", "--all", "--user", "ada", "--yes"])).code, 2);
    assert.equal((await run(["session", "revoke"])).code, 2);
    assert.equal((await json(["session", "list", "--active"])).total, 2);
    assert.equal((await json(["session", "revoke", "--user", "ada", "--yes"])).count, 2);
    assert.equal((await json(["session", "show", hers.session_id])).state, "revoked");
  });
});

Deno.test("admin session show reads a token from standard input and never repeats its signature", async () => {
  await withAdminHome(async ({ run, json }) => {
    const { token, session_id: id } = await json(["session", "token", "--audience", "api"]);
    const signature = token.split(".")[2] ?? "";
    const good = await run(["session", "show", "--json"], `${token}\n`);
    assert.equal(good.code, 0, good.stderr);
    assert.equal(JSON.parse(good.stdout).data.claims.sid, id);
    assert.equal(JSON.parse(good.stdout).data.valid, true);
    await json(["session", "revoke", id]);
    const revoked = await run(["session", "show", "--json"], token);
    assert.equal(revoked.code, 4);
    assert.equal(JSON.parse(revoked.stdout).data.rule, "session_ended");
    const forged = await run(["session", "show"], token.replace(signature, "A".repeat(43)));
    assert.equal(forged.code, 4);
    assert.match(forged.stdout, /bad_signature/);
    assert.doesNotMatch(forged.stdout, /api/);
    for (const { stdout, stderr } of [good, revoked, forged]) {
      assert.ok(!(stdout + stderr).includes(signature));
    }
    assert.equal((await run(["session", "show"], "")).code, 2);
  });
});

Deno.test("a token for one MCP server is issued and inspected without a service", async () => {
  await withAdminHome(async ({ run, json }) => {
    const issued = await json(["session", "token", "--audience", "mcp", "--server", "demo-files"]);
    assert.match(issued.resource, /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/mcp\/demo-files\/mcp$/);
    const good = await run(["session", "show", "--json"], issued.token);
    assert.equal(good.code, 0, good.stderr);
    const { claims, valid } = JSON.parse(good.stdout).data;
    assert.deepEqual([valid, claims.aud, claims.sid], [true, issued.resource, issued.session_id]);
    await json(["session", "revoke", issued.session_id]);
    const ended = await run(["session", "show", "--json"], issued.token);
    assert.deepEqual([ended.code, JSON.parse(ended.stdout).data.rule], [4, "session_ended"]);
    const [head = "", body = ""] = issued.token.split(".");
    const forged = await run(["session", "show", "--json"], `${head}.${body}.${"A".repeat(86)}`);
    assert.equal(JSON.parse(forged.stdout).data.rule, "bad_signature");
  });
});

Deno.test("without a master key there is no token, and none is made up", async () => {
  await withAdminHome(async ({ run, home }) => {
    await Deno.remove(`${home}/keys`, { recursive: true });
    const { code, stdout, stderr } = await run(["session", "token"]);
    assert.equal(code, 3);
    assert.equal(stdout, "");
    assert.match(stderr, /master key/);
    await assert.rejects(Deno.stat(`${home}/keys`), Deno.errors.NotFound);
  });
});
