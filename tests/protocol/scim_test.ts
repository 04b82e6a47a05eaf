import assert from "node:assert/strict";
import { type Answer, type Ask, worldOf } from "../api/api_world.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import {
  createApiKey,
  createDepartment,
  createGroup,
  createServiceAccount,
  createUser,
  type IdentityContext,
  LOCAL_OPERATOR,
  type User,
} from "../../src/identity/mod.ts";
import { contextOf } from "../api/pages_world.ts";
import { startService, type TestService } from "../support/service.ts";

/** SCIM 2.0 against the running service: what directories do, and what they must not be able to do. */

const BASE = "/api/v1/scim/v2";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

let service: TestService;
let sql: Pool;
let context: IdentityContext;
let root: User;
let key: string;
Deno.test.beforeAll(async () => {
  service = await startService({ gateways: 1 });
  sql = openPool(service.database, { max: 2, applicationName: "test" });
  context = contextOf(sql, "test/directory");
  root = await createUser(context, LOCAL_OPERATOR, {
    ...{ name: "root", email: "root@example.com", roles: ["admin"] },
  });
  key = await keyOf(["scim:read", "scim:write"]);
});
Deno.test.afterAll(async () => {
  await sql?.end({ timeout: 2 });
  await service?.stop();
});

async function keyOf(scopes: readonly string[], userId = root.id): Promise<string> {
  const made = await createApiKey(context, LOCAL_OPERATOR, {
    ...{ userId, name: "directory", audiences: ["api"], scopes },
  });
  return made.text;
}

/** One request; `token` unless it is the directory's key. */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Ask["headers"] = {},
  token: string | undefined = key,
): Promise<Answer> {
  const answer = await worldOf(service).as(token)(method, `${BASE}${path}`, {
    headers: {
      ...body !== undefined && { "content-type": "application/scim+json" },
      ...headers,
    },
    ...body !== undefined && { body },
  });
  if (answer.body !== "") {
    assert.equal(answer.headers.get("content-type"), "application/scim+json", path);
  }
  return answer;
}

function find(filter: string, more = ""): Promise<Answer> {
  return ask("GET", `/Users?filter=${encodeURIComponent(filter)}${more}`);
}

function operations(...list: readonly unknown[]): unknown {
  return { schemas: [PATCH], Operations: list };
}

async function make(userName: string, more: Readonly<Record<string, unknown>> = {}) {
  const answer = await ask("POST", "/Users", { schemas: [USER], userName, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

async function rows(target: string): Promise<readonly { userId: string; clientId: string }[]> {
  return await sql`select user_id, client_id from audit where target = ${`identity:${target}`}`;
}

Deno.test("a user's life as a directory leads it", async () => {
  await createDepartment(context, LOCAL_OPERATOR, { name: "research" });
  const made = await ask("POST", "/Users", {
    schemas: [USER, ENTERPRISE],
    userName: "ada@example.com",
    externalId: "00u1",
    name: { givenName: "Ada", familyName: "Lovelace", honorificPrefix: "Lady" },
    emails: [{ value: "home@example.com" }, { value: "ada@example.com", primary: true }],
    active: true,
    title: "Countess",
    password: "never kept",
    [ENTERPRISE]: { department: "research", manager: { value: "x" } },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id, meta } = made.body;
  assert.equal(made.headers.get("location"), `${service.url}${BASE}/Users/${id}`);
  assert.equal(made.headers.get("etag"), meta.version);
  assert.deepEqual(made.body, {
    schemas: [USER, ENTERPRISE],
    ...{ id, meta, externalId: "00u1", userName: "ada@example.com", active: true },
    name: { formatted: "Ada Lovelace", givenName: "Ada", familyName: "Lovelace" },
    emails: [{ value: "ada@example.com", type: "work", primary: true }],
    roles: [{ value: "user" }],
    groups: [],
    [ENTERPRISE]: { department: "research" },
  });
  assert.deepEqual((await ask("GET", `/Users/${id}`)).body, made.body);

  const off = await ask(
    "PATCH",
    `/Users/${id}`,
    operations({ op: "Replace", path: "active", value: "False" }),
  );
  assert.deepEqual([off.status, off.body.active], [200, false]);
  const on = await ask(
    "PATCH",
    `/Users/${id}`,
    operations({ op: "replace", value: { active: true } }),
  );
  assert.equal(on.body.active, true);
  const put = await ask("PUT", `/Users/${id}`, {
    ...{ schemas: [USER], userName: "ada.l@example.com", displayName: "Ada L." },
  });
  assert.equal(put.status, 200);
  assert.deepEqual([put.body.userName, put.body.emails[0].value, put.body.externalId], [
    ...["ada.l@example.com", "ada.l@example.com", undefined],
  ]);
  assert.equal(put.body[ENTERPRISE], undefined);
  assert.equal((await ask("DELETE", `/Users/${id}`)).status, 204);
  assert.equal((await ask("GET", `/Users/${id}`)).status, 404);
  assert.equal((await ask("DELETE", `/Users/${id}`)).status, 404);
  // What it was called is free again.
  const again = await make("ada.l@example.com");
  assert.notEqual(again.id, id);
  await ask("DELETE", `/Users/${again.id}`);
  const row = (await rows("user_created")).find(({ clientId }) => clientId.startsWith("key:"));
  assert.equal(row?.userId, root.id);
  assert.ok((await rows("user_deleted")).length >= 2);
});

Deno.test("two states: etags are honoured, and a change that is refused changes nothing", async () => {
  const { id, meta } = await make("etag@example.com");
  const known = await ask("GET", `/Users/${id}`, undefined, { "if-none-match": meta.version });
  assert.deepEqual([known.status, known.body], [304, ""]);
  const change = operations({ op: "replace", path: "displayName", value: "One" });
  const first = await ask("PATCH", `/Users/${id}`, change, { "if-match": meta.version });
  assert.equal(first.status, 200);
  assert.notEqual(first.body.meta.version, meta.version);
  for (
    const [method, body] of [["PATCH", change], ["PUT", { userName: "x@example.com" }], ["DELETE"]]
  ) {
    const late = await ask(`${method}`, `/Users/${id}`, body, { "if-match": meta.version });
    assert.equal(late.status, 412, `${method}`);
  }
  const half = await ask(
    "PATCH",
    `/Users/${id}`,
    operations(
      { op: "replace", path: "displayName", value: "Two" },
      { op: "replace", path: "department", value: "no such department" },
    ),
  );
  assert.deepEqual([half.status, half.body.scimType], [400, "invalidValue"]);
  const { meta: _, ...after } = (await ask("GET", `/Users/${id}`)).body;
  assert.equal(after.displayName, "One");
  const racing = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      ask(
        "PATCH",
        `/Users/${id}`,
        operations({ op: "replace", path: "displayName", value: `${n}` }),
        {
          "if-match": first.body.meta.version,
        },
      )),
  );
  assert.deepEqual(racing.map(({ status }) => status).sort(), [200, 412, 412, 412, 412, 412]);
});

Deno.test("filters find what they say, page by page", async () => {
  for (const n of [1, 2, 3, 4, 5]) {
    await make(`page${n}@filter.example`, {
      ...{ displayName: n % 2 ? "Odd" : null, externalId: `F${n}`, active: n !== 5 },
    });
  }
  const names = async (filter: string, more = "") =>
    (await find(`userName ew "@filter.example" and (${filter})`, more)).body.Resources
      .map(({ userName }: { userName: string }) => userName.slice(4, 5)).join("");
  const cases: readonly (readonly [string, string])[] = [
    ['userName eq "PAGE1@filter.example"', "1"],
    ['emails.value co "e2@"', "2"],
    ['emails[type eq "work" and value sw "page3"]', "3"],
    ['externalId eq "F4"', "4"],
    ['externalId eq "f4"', ""],
    ["displayName pr", "135"],
    ["not (displayName pr)", "24"],
    ['displayName ne "Odd"', "24"],
    ["active eq false", "5"],
    ["displayName eq null", "24"],
    ['userName gt "page3@" and userName le "page5@"', "34"],
    ['meta.created gt "2020-01-01T00:00:00Z" and active eq true', "1234"],
    ['name.familyName pr or userName eq "page1@filter.example"', "1"],
    ['userName co "%" or userName co "_"', ""],
    ["userName eq \"x' or '1'='1\"", ""],
    ['userName eq "page1@filter.example\\\\"', ""],
  ];
  for (const [filter, expected] of cases) assert.equal(await names(filter), expected, filter);
  const page = await find(
    'userName ew "@filter.example"',
    "&startIndex=2&count=2&attributes=userName",
  );
  assert.deepEqual(
    { ...page.body, Resources: page.body.Resources.length },
    {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      ...{ totalResults: 5, startIndex: 2, itemsPerPage: 2, Resources: 2 },
    },
  );
  assert.deepEqual(Object.keys(page.body.Resources[0]).sort(), ["id", "schemas", "userName"]);
  const counted = await find('userName ew "@filter.example"', "&count=0");
  assert.deepEqual([counted.body.totalResults, counted.body.Resources], [5, []]);
  const search = await ask("POST", "/Users/.search", {
    ...{ filter: 'userName eq "page1@filter.example"', attributes: ["emails.value"], count: 1 },
  });
  assert.deepEqual(Object.keys(search.body.Resources[0]).sort(), ["emails", "id", "schemas"]);
});

Deno.test("hostile filters are refused in SCIM's words, and the service stays", async () => {
  const hostile = [
    ...["password pr", "hash pr", 'roles eq "admin"', "u.id pr", '"x" eq "x"', "id eq true"],
    ...['userName eq "x"; drop table users; --', "userName eq 'x'", "active gt true", "1 eq 1"],
    ...[
      'meta.created eq "yesterday"',
      'meta.created co "2020-01-01T00:00:00Z"',
      "members.value pr",
    ],
    ...['userName eq "\\u0000"', 'userName eq "\\ud800"', "__proto__ pr", "constructor pr"],
    "(".repeat(3000),
    `${'userName eq "x" or '.repeat(180)}userName eq "x"`,
    `userName eq "${"x".repeat(4000)}"`,
  ];
  for (const filter of hostile) {
    const { status, body } = await find(filter);
    assert.deepEqual([status, body.scimType], [400, "invalidFilter"], filter.slice(0, 60));
    assert.deepEqual(body.schemas, ["urn:ietf:params:scim:api:messages:2.0:Error"]);
    assert.equal(body.status, "400");
  }
  for (const query of ["startIndex=x", "count=1e9", "filter=a&filter=b"]) {
    assert.equal((await ask("GET", `/Users?${query}`)).status, 400, query);
  }
  // Accepted as the standard has it: less than one is one, more than the largest page is that.
  assert.equal((await ask("GET", "/Users?startIndex=-5&count=-1")).body.startIndex, 1);
  assert.ok((await ask("GET", "/Users?count=100000")).body.itemsPerPage <= 200);
});

Deno.test("bodies that are none, names that are taken, and values that nobody may have", async () => {
  await make("taken@example.com");
  const refused: readonly (readonly [unknown, number, string])[] = [
    [{ userName: "TAKEN@example.com" }, 409, "uniqueness"],
    [{ userName: "other", emails: [{ value: "root@example.com" }] }, 409, "uniqueness"],
    [{ userName: "ROOT@example.com" }, 409, "uniqueness"],
    [{ userName: "" }, 400, "invalidValue"],
    [{}, 400, "invalidValue"],
    [{ userName: 7 }, 400, "invalidValue"],
    [{ userName: "no email" }, 400, "invalidValue"],
    [{ userName: "a@b.c\u202e" }, 400, "invalidValue"],
    [{ userName: "a@b.c", active: "maybe" }, 400, "invalidValue"],
    [{ userName: "a@b.c", displayName: "x".repeat(201) }, 400, "invalidValue"],
    [{ userName: "a@b.c", name: [] }, 400, "invalidValue"],
    ["{", 400, "invalidSyntax"],
    ['{"userName": "a@b.c", "userName": "b@b.c"}', 400, "invalidSyntax"],
    ["[".repeat(100), 400, "invalidSyntax"],
    [[], 400, "invalidSyntax"],
  ];
  for (const [body, status, scimType] of refused) {
    const answer = await ask("POST", "/Users", body);
    assert.deepEqual(
      [answer.status, answer.body.scimType],
      [status, scimType],
      JSON.stringify(body),
    );
  }
  const form = await ask("POST", "/Users", "userName=x", { "content-type": "text/plain" });
  assert.equal(form.status, 415);
  assert.equal((await ask("POST", "/Bulk", {})).status, 404);
  assert.equal((await ask("PUT", "/Users", {})).status, 405);
  assert.equal((await ask("GET", "/Users/%E0%A4%A")).status, 404);
  assert.equal((await ask("GET", "/Users/..%2f..%2fsecrets")).status, 404);
});

Deno.test("a directory raises nobody, and changes neither administrators nor what it did not make", async () => {
  const made = await make("mallory@example.com", { roles: [{ value: "admin" }], groups: [] });
  assert.deepEqual(made.roles, [{ value: "user" }]);
  const raising = [
    operations({ op: "add", path: "roles", value: [{ value: "admin" }] }),
    operations({ op: "replace", path: 'roles[value eq "user"].value', value: "admin" }),
    operations({
      op: "add",
      path: "urn:ietf:params:scim:schemas:core:2.0:User:roles",
      value: "admin",
    }),
    operations({ op: "replace", path: "kind", value: "service" }),
    operations({ op: "replace", path: "id", value: root.id }),
    operations({ op: "add", path: "groups", value: [{ value: "g" }] }),
    operations({ op: "add", path: "__proto__.roles", value: ["admin"] }),
  ];
  for (const body of raising) {
    const answer = await ask("PATCH", `/Users/${made.id}`, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
  }
  // Whole resources hold what cannot be changed: it is not heard.
  const whole = await ask("PUT", `/Users/${made.id}`, {
    ...made,
    roles: [{ value: "admin" }],
    id: root.id,
  });
  assert.equal(whole.status, 200);
  assert.deepEqual([whole.body.id, whole.body.roles], [made.id, [{ value: "user" }]]);
  const [stored] = await sql`select roles, kind from users where id = ${made.id}`;
  assert.deepEqual({ ...stored }, { roles: ["user"], kind: "person" });

  for (const id of [root.id, "operator"]) {
    for (
      const [method, body] of [
        ["PATCH", operations({ op: "replace", path: "active", value: false })],
        ["PUT", { userName: "evil@example.com" }],
        ["DELETE", undefined],
      ] as const
    ) assert.equal((await ask(method, `/Users/${id}`, body)).status, 403, `${method} ${id}`);
  }
  // What an operator imposed stays.
  await sql`update users set status = 'suspended' where id = ${made.id}`;
  const lifted = await ask(
    "PATCH",
    `/Users/${made.id}`,
    operations({ op: "replace", path: "active", value: true }),
  );
  assert.deepEqual([lifted.status, lifted.body.scimType], [400, "mutability"]);
  // Programs are no people.
  const robot = await createServiceAccount(context, LOCAL_OPERATOR, {
    ...{ name: "robot", ownerId: root.id, roles: ["service"] },
  });
  assert.equal((await ask("GET", `/Users/${robot.id}`)).status, 404);
  assert.equal((await ask("DELETE", `/Users/${robot.id}`)).status, 404);
  // Groups that policies speak of are the operator's.
  const own = await createGroup(context, LOCAL_OPERATOR, { name: "on-call" });
  const join = operations({ op: "add", path: "members", value: [{ value: made.id }] });
  assert.equal((await ask("PATCH", `/Groups/${own.id}`, join)).status, 403);
  assert.equal((await ask("DELETE", `/Groups/${own.id}`)).status, 403);
  assert.equal((await ask("POST", "/Groups", { displayName: "ON-CALL" })).status, 409);
  assert.equal((await sql`select * from group_members where group_id = ${own.id}`).length, 0);
});

Deno.test("who may: no token, another's, a key that reaches less, a role that may not", async () => {
  const body = { userName: "nobody@example.com" };
  const asked = (token: string | undefined, method = "POST") =>
    ask(method, "/Users", method === "POST" ? body : undefined, {}, token);
  const world = worldOf(service);
  const none = await world.as(undefined)("GET", `${BASE}/Users`);
  assert.deepEqual([none.status, none.headers.get("www-authenticate")], [401, "Bearer"]);
  assert.equal((await asked("x")).status, 401);
  const reads = await keyOf(["scim:read"]);
  assert.deepEqual([(await asked(reads, "GET")).status, (await asked(reads)).status], [200, 403]);
  const other = await keyOf(["users:write", "mcp:read"]);
  assert.deepEqual([(await asked(other, "GET")).status, (await asked(other)).status], [403, 403]);
  const ada = await createUser(context, LOCAL_OPERATOR, { name: "low", email: "low@example.com" });
  const low = await keyOf(["scim:read", "scim:write"], ada.id);
  assert.deepEqual([(await asked(low, "GET")).status, (await asked(low)).status], [403, 403]);
  assert.equal((await asked(await service.token())).status, 401, "a token for hooks");
  const revoked = await keyOf(["scim:*"]);
  assert.equal((await asked(revoked, "GET")).status, 200);
  await sql`
    update sessions set revoked_at = now()
     where id = (select session_id from api_keys order by created_at desc limit 1)`;
  assert.equal((await asked(revoked, "GET")).status, 401);
  assert.equal((await sql`select 1 from users where email = 'nobody@example.com'`).length, 0);
});

Deno.test("a group of ten thousand: made, changed member by member and whole, shown and left out", async () => {
  await sql`
    insert into users (id, email, name, roles)
    select 'bulk-' || n, 'bulk' || n || '@bulk.example', 'bulk' || n, '{user}'
      from generate_series(1, 10000) as n`;
  const all = Array.from({ length: 10_000 }, (_, n) => ({ value: `bulk-${n + 1}` }));
  const made = await ask("POST", "/Groups", {
    ...{ displayName: "everybody", externalId: "g1", members: all },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body).slice(0, 300));
  const { id } = made.body;
  assert.equal(made.body.members.length, 10_000);
  const without = await ask("GET", `/Groups/${id}?excludedAttributes=members`);
  assert.equal(without.body.members, undefined);
  const change = await ask(
    "PATCH",
    `/Groups/${id}`,
    operations(
      { op: "remove", path: 'members[value eq "bulk-7"]' },
      { op: "Remove", path: "members", value: [{ value: "bulk-8" }] },
      { op: "add", path: "members", value: [{ value: root.id }, { value: "bulk-9" }] },
      { op: "replace", path: "displayName", value: "nearly everybody" },
    ),
  );
  assert.equal(change.status, 200, JSON.stringify(change.body).slice(0, 300));
  const ids = new Set(change.body.members.map(({ value }: { value: string }) => value));
  assert.deepEqual(
    [ids.size, ids.has("bulk-7"), ids.has("bulk-8"), ids.has("bulk-9"), ids.has(root.id)],
    [9999, false, false, true, true],
  );
  const found = await ask(
    "GET",
    `/Groups?filter=${encodeURIComponent('members.value eq "bulk-9"')}&excludedAttributes=members`,
  );
  assert.deepEqual([found.body.totalResults, found.body.Resources[0].id], [1, id]);
  const member = await ask("GET", "/Users/bulk-9");
  assert.deepEqual(member.body.groups.map(({ display }: { display: string }) => display), [
    "nearly everybody",
  ]);
  const stranger = await ask(
    "PATCH",
    `/Groups/${id}`,
    operations({
      ...{ op: "add", path: "members", value: [{ value: "bulk-7" }, { value: "nobody" }] },
    }),
  );
  assert.deepEqual([stranger.status, stranger.body.scimType], [400, "invalidValue"]);
  assert.equal((await sql`select * from group_members where group_id = ${id}`).length, 9999);
  const heavy = await ask(
    "PATCH",
    `/Groups/${id}`,
    operations(
      ...Array.from({ length: 900 }, () => ({ op: "remove", path: 'members[display co "x"]' })),
    ),
  );
  assert.equal(heavy.status, 413);
  const put = await ask("PUT", `/Groups/${id}`, { displayName: "few", members: all.slice(0, 2) });
  assert.equal(put.body.members.length, 2);
  assert.equal((await ask("DELETE", `/Groups/${id}`)).status, 204);
  assert.equal((await ask("GET", `/Groups/${id}`)).status, 404);
});

Deno.test("what is offered is described", async () => {
  const config = (await ask("GET", "/ServiceProviderConfig")).body;
  assert.deepEqual([config.patch.supported, config.filter.supported, config.etag.supported], [
    ...[true, true, true],
  ]);
  assert.deepEqual([config.bulk.supported, config.sort.supported], [false, false]);
  const types = (await ask("GET", "/ResourceTypes")).body;
  assert.deepEqual(types.Resources.map(({ id }: { id: string }) => id), ["User", "Group"]);
  assert.equal((await ask("GET", "/ResourceTypes/User")).body.schema, USER);
  const schemas = (await ask("GET", "/Schemas")).body;
  assert.equal(schemas.totalResults, 3);
  const user = (await ask("GET", `/Schemas/${USER}`)).body;
  // Nothing is shown of a user that its schema does not name.
  const named = new Set(user.attributes.map(({ name }: { name: string }) => name));
  const shown = Object.keys(await make("shape@example.com", { displayName: "S" }));
  const common = ["schemas", "id", "meta", "externalId"];
  assert.deepEqual(shown.filter((name) => !named.has(name) && !common.includes(name)), []);
  assert.equal((await ask("GET", "/Schemas/urn:none")).status, 404);
});
