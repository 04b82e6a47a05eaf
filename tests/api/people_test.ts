import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { type ApiWorld, type Caller, startWorld } from "./api_world.ts";

let world: ApiWorld;
let admin: Caller;
let sql: Pool;
Deno.test.beforeAll(async () => {
  world = await startWorld();
  admin = world.as(await world.service.token({ audience: "api" }));
  sql = openPool(world.service.database, { max: 1, applicationName: "tests" });
});
Deno.test.afterAll(async () => {
  await sql?.end({ timeout: 1 });
  await world?.service.stop();
});

let last = 0;
const address = () => `person${++last}@example.com`;

async function makeUser(more: object = {}) {
  const { status, body } = await admin("POST", "users", {
    body: { email: address(), name: `Person ${last}`, ...more },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.data;
}

Deno.test("users: created, read, changed and deleted, each recorded as done by the caller", async () => {
  const created = await admin("POST", "users", {
    body: { email: "ada@example.com", name: "Ada", full_name: "Ada Lovelace" },
    headers: { traceparent: `00-${"a1".repeat(16)}-00f067aa0ba902b7-01` },
  });
  assert.equal(created.status, 201);
  const { id } = created.body.data;
  assert.equal(created.headers.get("location"), `/api/v1/users/${id}`);
  assert.equal(created.headers.get("x-trace-id"), "a1".repeat(16));
  assert.deepEqual(created.body.data.roles, ["user"]);

  const shown = await admin("GET", `users/${id}`);
  assert.equal(shown.headers.get("etag"), created.headers.get("etag"));
  assert.deepEqual(shown.body, created.body);
  const changed = await admin("PATCH", `users/${id}`, { body: { full_name: null, name: "Ada L" } });
  assert.equal(changed.status, 200);
  assert.deepEqual([changed.body.data.full_name, changed.body.data.name], [null, "Ada L"]);
  assert.notEqual(changed.headers.get("etag"), created.headers.get("etag"));

  const gone = await admin("DELETE", `users/${id}`);
  assert.deepEqual([gone.status, gone.body], [204, ""]);
  assert.equal((await admin("DELETE", `users/${id}`)).status, 404);
  assert.equal((await admin("GET", `users/${id}`)).body.data.status, "deleted");

  const rows = await sql`
    select target, user_id, surface, role, trace_id from audit
     where kind = 'identity' and detail -> 'user' ->> 'id' = ${id} order by id`;
  assert.deepEqual(rows.map(({ target }) => target), [
    "identity:user_created",
    "identity:user_updated",
    "identity:user_deleted",
  ]);
  assert.ok(
    rows.every(({ userId, surface, role }) =>
      userId === "operator" && surface === "api" && role === "admin"
    ),
  );
  assert.equal(rows[0]?.traceId, "a1".repeat(16));
});

Deno.test("users: what is not declared is refused, with every flaw at once, and changes nothing", async () => {
  const { id } = await makeUser();
  for (
    const extra of [
      { roles: ["admin"] },
      { id: "other" },
      { created_at: "2020-01-01T00:00:00Z" },
      { status: "deleted" },
      { __proto__: null, constructor: 1 },
      { isAdmin: true },
    ]
  ) {
    const { status, body } = await admin("PATCH", `users/${id}`, { body: extra });
    assert.deepEqual([status, body.code], [400, "invalid"], JSON.stringify(extra));
  }
  const proto = `{"name":"x","__proto__":{"roles":["admin"]}}`;
  assert.equal((await admin("PATCH", `users/${id}`, { body: proto })).status, 400);
  const twice = await admin("POST", "users", { body: { email: 1, nam: "x" } });
  assert.deepEqual(twice.body.errors.map(({ path }: { path: string }) => path).sort(), [
    "",
    "email",
    "name",
  ]);
  const after = await admin("GET", `users/${id}`);
  assert.deepEqual([after.body.data.roles, after.body.data.name], [["user"], `Person ${last}`]);
});

Deno.test("users: bodies that are no plain JSON object of a sane size are refused", async () => {
  const post = (body: string, type = "application/json") =>
    admin("POST", "users", { body, headers: { "content-type": type } });
  assert.equal((await post("{")).status, 400);
  assert.equal((await post("")).status, 400);
  assert.equal((await post("[]")).status, 400);
  assert.equal(
    (await post('{"email":"a@b.example","email":"c@d.example","name":"x"}')).status,
    400,
  );
  assert.equal((await post(`{"email":"a@b.example","name":"a\\u0000b"}`)).status, 400);
  assert.equal((await post(`{"email":"a@b.example","name":"a\\ud800b"}`)).status, 400);
  assert.equal((await post(`${"[".repeat(80)}${"]".repeat(80)}`)).status, 400);
  assert.equal((await post(`{"email":"a@b.example","name":"${"x".repeat(1 << 20)}"}`)).status, 413);
  assert.equal(
    (await post("email=a%40b.example&name=x", "application/x-www-form-urlencoded")).status,
    415,
  );
  assert.equal((await post('{"email":"a@b.example","name":"x"}', "text/plain")).status, 415);
  const none = await sql`select 1 from users where email = 'a@b.example'`;
  assert.equal(none.length, 0);
});

Deno.test("users: two who edit the same: the later is told, and of a race one wins", async () => {
  const { id } = await makeUser();
  const etag = (await admin("GET", `users/${id}`)).headers.get("etag") ?? "";
  const edit = (name: string, tag = etag) =>
    admin("PATCH", `users/${id}`, { body: { name }, headers: { "if-match": tag } });
  const race = await Promise.all(["one", "two", "three", "four"].map((name) => edit(name)));
  assert.deepEqual(race.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  assert.equal((await edit("late")).body.code, "precondition_failed");
  assert.equal((await edit("weak", `W/${etag}`)).status, 412);
  const now = (await admin("GET", `users/${id}`)).headers.get("etag") ?? "";
  assert.equal((await edit("good", `"other", ${now}`)).status, 200);
  assert.equal((await edit("any", "*")).status, 200);
  const stale = await admin("DELETE", `users/${id}`, { headers: { "if-match": now } });
  assert.equal(stale.status, 412);
  const known = (await admin("GET", `users/${id}`)).headers.get("etag") ?? "";
  const same = await admin("GET", `users/${id}`, { headers: { "if-none-match": known } });
  assert.deepEqual([same.status, same.body], [304, ""]);
});

Deno.test("users: the same Idempotency-Key creates one user, however often and at once it is sent", async () => {
  const body = { email: address(), name: "Once" };
  const key = crypto.randomUUID();
  const send = (of: object = body, by: Caller = admin) =>
    by("POST", "users", { body: of, headers: { "idempotency-key": key } });
  const all = await Promise.all(Array.from({ length: 6 }, () => send()));
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([201]));
  assert.equal(new Set(all.map(({ body }) => body.data.id)).size, 1);
  const replayed = all.filter(({ headers }) => headers.get("idempotency-replayed") === "true");
  assert.equal(replayed.length, 5);
  assert.ok(all.every(({ headers }) => headers.get("location") !== null));

  const other = await send({ ...body, name: "Another" });
  assert.deepEqual([other.status, other.body.code], [422, "mismatch"]);
  const elsewhere = await admin("POST", "bans", {
    body: { kind: "address", subject: "192.0.2.77", reason: "x" },
    headers: { "idempotency-key": key },
  });
  assert.equal(elsewhere.status, 422, "a key is of one route");
  const spelt = await send({ name: "Once", email: body.email });
  assert.equal(spelt.status, 201, "the order of members says nothing");

  const colleague = await makeUser({ roles: ["admin"] });
  const theirs = world.as(await world.service.token({ userId: colleague.id, audience: "api" }));
  const foreign = await send(body, theirs);
  assert.deepEqual(
    [foreign.status, foreign.body.code],
    [409, "conflict"],
    "no answer of another's",
  );
  const rows = await sql`select id from users where email = ${body.email}`;
  assert.equal(rows.length, 1);
  const created = await sql`
    select 1 from audit where target = 'identity:user_created'
       and detail -> 'user' ->> 'id' = ${rows[0]?.id}`;
  assert.equal(created.length, 1, "one row tells of it");
});

Deno.test("users: a request that failed leaves its Idempotency-Key free, and a key has a form", async () => {
  const taken = await makeUser();
  const headers = { "idempotency-key": crypto.randomUUID() };
  const body = { email: taken.email, name: "Again" };
  assert.equal((await admin("POST", "users", { body, headers })).status, 409);
  await admin("DELETE", `users/${taken.id}`);
  assert.equal((await admin("POST", "users", { body, headers })).status, 201);
  for (const key of ["", "a b", "x".repeat(256)]) {
    const answer = await admin("POST", "users", {
      body: { email: address(), name: "x" },
      headers: { "idempotency-key": key },
    });
    assert.equal(answer.status, 400, JSON.stringify(key));
  }
});

Deno.test("lists: pages hold every item once; a cursor of another list, and a made-up one, is refused", async () => {
  const department = `dept-${crypto.randomUUID().slice(0, 8)}`;
  await makeDepartment(department);
  const made = [];
  for (let i = 0; i < 7; i++) made.push((await makeUser({ department })).id);
  const seen: string[] = [];
  let path = `users?department=${department}&limit=3`;
  let pages = 0;
  for (; path; pages++) {
    const { status, body, headers } = await admin("GET", path);
    assert.equal(status, 200, JSON.stringify(body));
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1] ?? "";
    assert.equal(link !== "", body.meta.next !== null);
    path = link;
  }
  assert.deepEqual([pages, seen], [3, made]);

  const { body } = await admin("GET", `users?department=${department}&limit=3`);
  const cursor = body.meta.next;
  const refused = [
    `users?cursor=${cursor}`,
    `users?department=other&cursor=${cursor}`,
    `sessions?cursor=${cursor}`,
    `users?department=${department}&cursor=${btoa('["x",1]')}`,
    `users?department=${department}&cursor=${btoa("[[[[")}`,
    `users?department=${department}&cursor=${cursor}x`,
    `users?department=${department}&cursor=`,
    "users?cursor=%00",
    `users?cursor=${"A".repeat(5000)}`,
  ];
  for (const each of refused) {
    const { status, body } = await admin("GET", each);
    assert.deepEqual([status, body.code], [400, "invalid"], each.slice(0, 100));
  }
});

async function makeDepartment(name: string): Promise<void> {
  const [table] = await sql`select to_regclass('departments') as name`;
  if (table?.name) await sql`insert into departments (name) values (${name})`;
}

Deno.test("lists: filters take values, never SQL, and unknown or repeated parameters are refused", async () => {
  const { id, name } = await makeUser({ name: "Per%cent_ O'Hara" });
  const ids = async (query: string) => {
    const { status, body } = await admin("GET", `users?${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.map((each: { id: string }) => each.id);
  };
  const prefix = encodeURIComponent(name.slice(0, 9).toLowerCase());
  assert.deepEqual(await ids(`name_prefix=${prefix}`), [id]);
  assert.deepEqual(await ids("name_prefix=%25"), []);
  assert.deepEqual(await ids("name_prefix=_er"), []);
  assert.deepEqual(await ids(`email=${encodeURIComponent("' or 1=1 --")}`), []);
  assert.deepEqual(await ids(`department=${encodeURIComponent("x'; drop table users; --")}`), []);
  assert.ok((await ids("role=admin")).includes("operator"));
  assert.ok(!(await ids("role=admin")).includes(id));
  for (
    const query of [
      "role=root",
      "status=any",
      "nothing=1",
      "limit=0",
      "limit=201",
      "limit=-1",
      "limit=1e9",
      "limit=abc",
      "email=a%00b",
      "role=admin&role=user",
      "__proto__=1",
      "sort=password",
    ]
  ) {
    const { status, body } = await admin("GET", `users?${query}`);
    assert.deepEqual([status, body.code], [400, "invalid"], query);
  }
});

Deno.test("sessions: listed, shown and ended; the token is void on the spot", async () => {
  const { id } = await makeUser();
  const token = await world.service.token({ userId: id, audience: "api" });
  const own = world.as(token);
  assert.equal((await own("GET", "me")).body.data.user_id, id);
  assert.equal((await own("GET", "sessions")).status, 403);
  const mine = await own("GET", "me/sessions");
  assert.deepEqual(mine.body.data.map(({ user_id }: { user_id: string }) => user_id), [id]);
  const [session] = (await admin("GET", `sessions?user_id=${id}&active=true`)).body.data;
  assert.equal(session.state, "active");
  assert.ok(!JSON.stringify(session).includes("token"), "no id of a token is shown");
  assert.equal((await admin("DELETE", `sessions/${session.id}`)).status, 204);
  const deadline = Date.now() + 5000;
  while ((await own("GET", "me")).status !== 401) assert.ok(Date.now() < deadline);
  assert.equal((await admin("DELETE", `sessions/${session.id}`)).status, 409);
  assert.equal((await admin("GET", `sessions/${session.id}`)).body.data.state, "revoked");
  assert.deepEqual((await admin("GET", `sessions?user_id=${id}&active=true`)).body.data, []);
  await world.service.token({ userId: id, audience: "api" });
  const all = await admin("DELETE", `users/${id}/sessions`);
  assert.deepEqual(all.body.data, { ended: 1 });
});

Deno.test("bans: a network is banned in its one spelling, shown, and lifted", async () => {
  const created = await admin("POST", "bans", {
    body: { kind: "address", subject: "2001:DB8:0::/48", reason: "noise" },
  });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const path = created.headers.get("location") ?? "";
  assert.equal(path, `/api/v1/bans/${encodeURIComponent("address:2001:db8::/48")}`);
  const shown = await admin("GET", path);
  assert.equal(shown.body.data.reason, "noise");
  assert.ok(
    (await admin("GET", "bans?kind=address")).body.data.some(({ id }: { id: string }) =>
      id === "address:2001:db8::/48"
    ),
  );
  assert.equal((await admin("DELETE", path)).status, 204);
  assert.equal((await admin("GET", path)).status, 404);
  const refused = [
    { kind: "address", subject: "not an address", reason: "x" },
    { kind: "user", subject: "nobody", reason: "x" },
    { kind: "planet", subject: "x", reason: "x" },
    { kind: "address", subject: "192.0.2.9", reason: "x", expires_at: "2001-01-01T00:00:00Z" },
    { kind: "address", subject: "192.0.2.9", reason: "x", expires_at: "tomorrow" },
    { kind: "address", subject: "192.0.2.9", reason: "x", expires_at: "2026-02-30T00:00:00Z" },
  ];
  for (const body of refused) {
    const { status } = await admin("POST", "bans", { body });
    assert.ok(status === 400 || status === 404, `${JSON.stringify(body)}: ${status}`);
  }
});
