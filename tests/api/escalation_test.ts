import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { type ApiWorld, type Caller, startWorld } from "./api_world.ts";

/** A table in which people look after people, without being administrators. */
async function prepare(home: string): Promise<void> {
  const file = `${home}/services/governance/roles.yaml`;
  const text = await Deno.readTextFile(file);
  const more = [
    ...["users:read", "users:write", "bans:write", "sessions:list", "sessions:end"],
    ...["keys:write", "keys:read", "groups:write", "departments:write", "roles:write"],
  ];
  const lines = more.map((permission) => `      - ${permission}\n`).join("");
  const changed = text.replace(
    "      - self:read\n      - keys:own\n",
    `      - self:read\n      - keys:own\n${lines}`,
  );
  assert.notEqual(changed, text);
  await Deno.writeTextFile(file, changed);
}

let world: ApiWorld;
let admin: Caller;
let helper: Caller;
let helperId: string;
let chiefId: string;
Deno.test.beforeAll(async () => {
  world = await startWorld({ prepare });
  admin = world.as(await world.service.token({ audience: "api" }));
  helperId = await make("helper", ["user"]);
  chiefId = await make("chief", ["admin"]);
  helper = world.as(await world.service.token({ userId: helperId, audience: "api" }));
});
Deno.test.afterAll(() => world?.service.stop());

async function make(name: string, roles: readonly string[]): Promise<string> {
  const { status, body } = await admin("POST", "users", {
    body: { email: `${name}@example.com`, name, roles },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.data.id;
}

Deno.test("tiers: whoever may change people makes, raises, keys, bans and ends nobody above itself", async () => {
  const attempts: [string, string, unknown?][] = [
    ["POST", "users", { email: "a@evil.example", name: "a", roles: ["admin"] }],
    ["POST", "service-accounts", { name: "evil", roles: ["admin"] }],
    ["PUT", `users/${helperId}/roles`, { roles: ["admin"] }],
    ["PUT", `users/${helperId}/roles`, { roles: ["user", "admin"] }],
    ["PUT", `users/${chiefId}/roles`, { roles: ["user"] }],
    ["PATCH", `users/${chiefId}`, { status: "suspended" }],
    ["PATCH", `users/${chiefId}`, { email: "mine@evil.example" }],
    ["DELETE", `users/${chiefId}`],
    ["DELETE", "users/operator"],
    ["DELETE", `users/${chiefId}/sessions`],
    ["POST", "bans", { kind: "user", subject: chiefId, reason: "x" }],
    ["POST", "keys", { user_id: chiefId, name: "k", audiences: ["api"], scopes: ["*"] }],
    ["POST", "keys", {
      user_id: helperId,
      name: "k",
      audiences: ["api"],
      scopes: ["*"],
      role: "admin",
    }],
    ["POST", "me/keys", { name: "k", audiences: ["api"], scopes: ["*"], role: "admin" }],
    ["POST", "me/keys", { user_id: chiefId, name: "k", audiences: ["api"], scopes: ["*"] }],
  ];
  for (const [method, path, body] of attempts) {
    const answer = await helper(method, path, body === undefined ? {} : { body });
    assert.ok(
      answer.status === 403 || answer.status === 409 || answer.status === 400,
      `${method} ${path} ${JSON.stringify(body)}: ${answer.status}`,
    );
  }
  const chief = (await admin("GET", `users/${chiefId}`)).body.data;
  assert.deepEqual([chief.status, chief.roles], ["active", ["admin"]]);
  assert.deepEqual((await admin("GET", `users/${helperId}`)).body.data.roles, ["user"]);
  assert.deepEqual((await admin("GET", "keys")).body.data, []);
  assert.deepEqual((await admin("GET", "bans")).body.data, []);
  // And what it may, it can.
  const peer = await helper("POST", "users", { body: { email: "peer@example.com", name: "peer" } });
  assert.equal(peer.status, 201);
  const suspended = await helper("PATCH", `users/${peer.body.data.id}`, {
    body: { status: "suspended" },
  });
  assert.equal(suspended.body.data.status, "suspended");
});

Deno.test("tiers: a session of an administrator is not ended by somebody below", async () => {
  await world.service.token({ userId: chiefId, audience: "api" });
  const [session] = (await admin("GET", `sessions?user_id=${chiefId}&active=true`)).body.data;
  assert.equal((await helper("DELETE", `sessions/${session.id}`)).status, 403);
  const { body } = await admin("GET", `sessions/${session.id}`);
  assert.equal(body.data.state, "active");
});

Deno.test("keys: one reaches as far as its scopes, makes none that reaches further, and is shown once", async () => {
  const body = { name: "reader", audiences: ["api"], scopes: ["users:read", "keys:*"] };
  const headers = { "idempotency-key": crypto.randomUUID() };
  const made = await admin("POST", "keys", {
    body: { ...body, user_id: "operator" },
    headers,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { key, id } = made.body.data;
  const again = await admin("POST", "keys", { body: { ...body, user_id: "operator" }, headers });
  assert.deepEqual([again.status, again.body.data.id, again.body.data.key], [201, id, undefined]);
  for (const path of [`keys/${id}`, "keys", "me/keys"]) {
    const shown = await admin("GET", path);
    assert.equal(shown.status, 200);
    assert.ok(!JSON.stringify(shown.body).includes(key), path);
  }

  const reader = world.as(key);
  assert.equal((await reader("GET", "users")).status, 200);
  assert.equal((await reader("GET", "audit")).status, 403);
  assert.equal(
    (await reader("POST", "users", { body: { email: "x@y.example", name: "x" } })).status,
    403,
  );
  const further = await reader("POST", "me/keys", {
    body: { name: "more", audiences: ["api"], scopes: ["*"] },
  });
  assert.deepEqual([further.status, further.body.code], [403, "denied"]);
  const wider = await reader("POST", "keys", {
    body: { user_id: "operator", name: "more", audiences: ["api"], scopes: ["secrets:*"] },
  });
  assert.equal(wider.status, 403);

  const rotated = await reader("POST", `keys/${id}/rotate`);
  assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
  await until(async () => (await reader("GET", "users")).status === 401);
  const next = world.as(rotated.body.data.key);
  assert.equal((await next("GET", "users")).status, 200);
  assert.equal((await admin("DELETE", `keys/${rotated.body.data.id}`)).status, 204);
  await until(async () => (await next("GET", "users")).status === 401);
});

Deno.test("keys: another's own key is not there", async () => {
  const made = await helper("POST", "me/keys", {
    body: { name: "mine", audiences: ["hook"], scopes: ["hooks:*"] },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body.data;
  assert.equal(made.headers.get("location"), `/api/v1/me/keys/${id}`);
  assert.equal((await helper("GET", `me/keys/${id}`)).status, 200);
  assert.equal((await admin("GET", `me/keys/${id}`)).status, 404);
  assert.equal((await admin("DELETE", `me/keys/${id}`)).status, 404);
  assert.equal((await helper("DELETE", `me/keys/${id}`)).status, 204);
});

Deno.test("departments and groups: made, changed under a condition, and emptied before they go", async () => {
  const made = await admin("POST", "departments", { body: { name: "Sales & co" } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const path = made.headers.get("location") ?? "";
  const etag = made.headers.get("etag") ?? "";
  const change = (tag: string) =>
    admin("PATCH", path, { body: { description: "They sell" }, headers: { "if-match": tag } });
  assert.deepEqual(
    (await Promise.all([change(etag), change(etag)])).map(({ status }) => status).sort(),
    [200, 412],
  );
  const below = await admin("POST", "departments", {
    body: { name: "Inner", parent: "Sales & co" },
  });
  assert.equal(below.body.data.parent, "Sales & co");
  assert.equal((await admin("DELETE", path)).status, 409);
  const tree = await admin("GET", `departments?below=${encodeURIComponent("Sales & co")}`);
  assert.deepEqual(tree.body.data.map(({ path }: { path: string[] }) => path), [
    ["Sales & co", "Inner"],
    ["Sales & co"],
  ]);
  assert.equal((await admin("DELETE", "departments/Inner")).status, 204);
  assert.equal((await admin("DELETE", path)).status, 204);

  const group = await admin("POST", "groups", { body: { name: "On call" } });
  assert.equal(group.status, 201, JSON.stringify(group.body));
  const at = `groups/${group.body.data.id}`;
  const joined = await admin("PATCH", `${at}/members`, {
    body: { add: [helperId, "nobody"] },
  });
  assert.ok(joined.status === 200 || joined.status === 404, JSON.stringify(joined.body));
  await admin("PATCH", `${at}/members`, { body: { add: [helperId] } });
  const members = await admin("GET", `${at}/members`);
  assert.deepEqual(members.body.data.map(({ id }: { id: string }) => id), [helperId]);
  assert.equal((await admin("PATCH", at, { body: { name: "ON CALL" } })).status, 200);
  assert.equal((await admin("DELETE", at)).status, 204);
  assert.equal((await admin("GET", at)).status, 404);
});

Deno.test("jobs: asked for, run and told of; an unknown one and a foreign parameter are refused", async () => {
  const asked = await admin("POST", "jobs/limit-windows/runs", { body: {} });
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const path = asked.headers.get("location") ?? "";
  await until(async () => (await admin("GET", path)).body.data.status === "ok");
  const runs = await admin("GET", "job-runs?job=limit-windows");
  assert.ok(runs.body.data.some(({ id }: { id: string }) => id === asked.body.data.id));
  assert.equal((await admin("POST", `${path}/cancel`)).status, 409);
  assert.equal((await admin("POST", "jobs/nothing/runs", { body: {} })).status, 404);
  const foreign = await admin("POST", "jobs/limit-windows/runs", {
    body: { parameters: { evil: 1 } },
  });
  assert.equal(foreign.status, 400);
  const off = await admin("PATCH", "jobs/unused-clients", { body: { enabled: false } });
  assert.deepEqual([off.body.data.enabled, off.body.data.enabled_by], [false, "operator"]);
});

Deno.test("logs: lines are listed, and a module's level is set, shown and cleared, with a row each", async () => {
  const sql = openPool(world.service.database, { max: 1, applicationName: "tests" });
  const id = uuidV7(Date.now() + 60_000);
  await sql`
    insert into logs (id, created_at, level, isolate, module, message, user_id, session_id, task_id,
                      trace_id, context_id, client_id, fields, writer, n)
    values (${id}, now(), 'error', 'egress', 'egress', 'It broke', 'none', 'none', 'none',
            ${"ab".repeat(16)}, 'none', 'none', '{}', 'test', 1)`;
  await sql.end({ timeout: 1 });
  assert.equal((await admin("GET", `logs?trace_id=${"ab".repeat(16)}`)).body.data[0].id, id);
  const [line] = (await admin("GET", "logs?limit=1")).body.data;
  assert.equal((await admin("GET", `logs/lines/${line.id}`)).body.data.message, line.message);
  const set = await admin("PUT", "logs/levels/egress", { body: { level: "debug" } });
  assert.deepEqual([set.status, set.body.data.set_by], [200, "operator"]);
  assert.equal((await admin("GET", "logs/levels")).body.data.length, 1);
  assert.equal((await admin("DELETE", "logs/levels/egress")).status, 204);
  assert.equal((await admin("DELETE", "logs/levels/egress")).status, 404);
  assert.equal((await admin("PUT", "logs/levels/Nope!", { body: { level: "debug" } })).status, 400);
  const rows = await admin("GET", "audit?kind=admin&limit=5");
  assert.deepEqual(
    rows.body.data.filter(({ target }: { target: string }) => target.startsWith("logs:"))
      .map(({ target, surface }: { target: string; surface: string }) => `${surface} ${target}`),
    ["api logs:level_cleared", "api logs:level_set"],
  );
});

async function until(done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!await done()) {
    assert.ok(Date.now() < deadline, "it did not come in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
