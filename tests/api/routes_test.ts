import assert from "node:assert/strict";
import { validate } from "@readme/openapi-parser";
import { parse } from "yaml";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { createApp, type HttpDependencies, routeTable } from "../../src/http/mod.ts";
import { type Tier, TIERS } from "../../src/kernel/tiers.ts";
import { type ApiWorld, type Caller, startWorld } from "./api_world.ts";

/** Routes of the table that the document tells of: those of this API. MCP and SCIM describe themselves. */
const ROUTES = routeTable({} as HttpDependencies).filter(({ path, permission }) =>
  path.startsWith("/api/v1/") && !/^(public|mcp:call|scim:\w+)$/.test(permission)
);

const TIER_PERMISSIONS = await permissionsByTier();

async function permissionsByTier(): Promise<Readonly<Record<Tier, readonly string[]>>> {
  const file = new URL("../../services/governance/roles.yaml", import.meta.url);
  const { roles } = parse(await Deno.readTextFile(file));
  return Object.fromEntries(TIERS.map((tier) => [tier, roles[tier].permissions])) as Record<
    Tier,
    string[]
  >;
}

let world: ApiWorld;
let sql: Pool;
const callers = {} as Record<Tier, Caller>;
Deno.test.beforeAll(async () => {
  world = await startWorld();
  sql = openPool(world.service.database, { max: 1, applicationName: "tests" });
  for (const tier of TIERS) {
    callers[tier] = world.as(await world.service.token({ audience: "api", role: tier }));
  }
});
Deno.test.afterAll(async () => {
  await sql?.end({ timeout: 1 });
  await world?.service.stop();
});

/** A path that fits the route and names nothing that there is. */
function somePath(path: string): string {
  return path.replace(/:(\w+)/g, "nothing");
}

Deno.test("routes: without a good token of this audience every one answers 401 and does nothing", async () => {
  const hook = world.as(await world.service.token());
  const mcp = world.as(await world.service.token({ audience: "mcp" }));
  const strangers = [world.as(undefined), world.as("garbage"), hook, mcp];
  const before = await countRows();
  for (const { method, path } of ROUTES) {
    for (const stranger of strangers) {
      const { status, headers, body } = await stranger(method, somePath(path), bodyFor(method));
      assert.deepEqual([status, body.code], [401, "unauthenticated"], `${method} ${path}`);
      assert.equal(headers.get("www-authenticate"), "Bearer");
      assert.equal(headers.get("content-type"), "application/problem+json");
    }
  }
  assert.deepEqual(await countRows(), before);
});

Deno.test("routes: every tier gets exactly what the role table gives it", async () => {
  let [refused, admitted] = [0, 0];
  for (const { method, path, permission } of ROUTES) {
    for (const tier of TIERS) {
      const { status, body } = await callers[tier](method, somePath(path), bodyFor(method));
      const given = TIER_PERMISSIONS[tier];
      if (given.includes("*") || given.includes(permission)) {
        admitted++;
        // Nothing is named and nothing is sent: not found, or a body that is none.
        assert.ok(
          status === 200 || status === 204 || status === 404 || status === 400,
          `${tier} ${method} ${path}: ${status} ${JSON.stringify(body)}`,
        );
      } else {
        refused++;
        assert.deepEqual([status, body.code], [403, "forbidden"], `${tier} ${method} ${path}`);
        assert.match(body.title, new RegExp(`${permission}$`));
      }
    }
  }
  assert.ok(admitted > ROUTES.length && refused > ROUTES.length * 4, `${admitted}, ${refused}`);
});

function bodyFor(method: string): { body?: unknown } {
  return method === "GET" || method === "DELETE" ? {} : { body: {} };
}

async function countRows(): Promise<unknown> {
  const [row] = await sql`
    select (select count(*) from users) as users, (select count(*) from sessions) as sessions,
           (select count(*) from bans) as bans, (select count(*) from api_requests) as requests`;
  return row;
}

Deno.test("openapi: the document is valid 3.1 and tells of exactly the routes that are served", async () => {
  const { status, body } = await world.as(undefined)("GET", "openapi.json");
  assert.equal(status, 200);
  assert.equal(body.openapi, "3.1.0");
  const checked = await validate(structuredClone(body));
  assert.ok(checked.valid, JSON.stringify(checked));

  const documented = Object.entries(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, { "x-spgov-permission": string }>)
      .map(([method, operation]) =>
        `${method.toUpperCase()} ${path} ${operation["x-spgov-permission"]}`
      )
  );
  const served = ROUTES.map(({ method, path, permission }) =>
    `${method} ${path.replace(/:(\w+)/g, "{$1}")} ${permission}`
  );
  assert.deepEqual(documented.sort(), served.sort());
  const app = createApp({} as HttpDependencies).routes.map(({ method, path }) =>
    `${method} ${path}`
  );
  for (const { method, path } of ROUTES) assert.ok(app.includes(`${method} ${path}`));
  const ids = Object.values(body.paths).flatMap((operations) =>
    Object.values(operations as Record<string, { operationId: string }>).map((each) =>
      each.operationId
    )
  );
  assert.equal(new Set(ids).size, ids.length, "operation ids are unique");
  const text = JSON.stringify(body);
  const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  for (const name of names) assert.ok(Object.hasOwn(body.components.schemas, name ?? ""), name);
});

Deno.test("openapi: what lists answer has the members that the document says, and no others", async () => {
  const { body: document } = await world.as(undefined)("GET", "openapi.json");
  await world.service.govern(await world.service.token(), {
    hook_event_name: "PreToolUse",
    session_id: "s",
    tool_name: "Read",
    tool_input: {},
  });
  let compared = 0;
  for (const { method, path } of ROUTES) {
    if (method !== "GET" || path.includes(":")) continue;
    const { status, body } = await callers.admin("GET", path);
    assert.equal(status, 200, path);
    const { schema } = document.paths[path].get.responses["200"].content["application/json"];
    const of = (part: { $ref?: string }) =>
      part.$ref ? document.components.schemas[part.$ref.split("/").at(-1) ?? ""] : part;
    const { data } = schema.properties;
    const item = of(data.items ?? data);
    for (const each of Array.isArray(body.data) ? body.data : [body.data]) {
      compared++;
      const members = Object.keys(each);
      for (const name of item.required) assert.ok(members.includes(name), `${path}: ${name}`);
      for (const name of members) {
        assert.ok(Object.hasOwn(item.properties, name), `${path}: ${name}`);
      }
    }
  }
  assert.ok(compared > 100, `${compared} items`);
});

Deno.test("routes: another method is 405 with what is allowed; a browser of another site gets nothing", async () => {
  const { admin } = callers;
  const put = await admin("PUT", "users", { body: {} });
  assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, HEAD, POST"]);
  assert.equal((await admin("POST", "roles/admin", { body: {} })).status, 405);
  const preflight = await admin("OPTIONS", "users", {
    headers: {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    },
  });
  assert.equal(preflight.status, 405);
  const cross = await admin("GET", "users", { headers: { origin: "https://evil.example" } });
  for (const { headers } of [preflight, cross]) {
    const names = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
    assert.deepEqual(names, []);
  }
  assert.equal(cross.headers.get("cache-control"), "no-store");
  assert.equal(cross.headers.get("x-content-type-options"), "nosniff");
  const overridden = await admin("POST", "users/operator", {
    headers: { "x-http-method-override": "DELETE" },
  });
  assert.equal(overridden.status, 405);
});
