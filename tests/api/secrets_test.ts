import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { listRowPage } from "../../src/audit/mod.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { type ApiWorld, type Caller, startWorld } from "./api_world.ts";

const VALUE = "ghp_Canary5512aBc-of-nobody";

let world: ApiWorld;
let admin: Caller;
Deno.test.beforeAll(async () => {
  world = await startWorld();
  admin = world.as(await world.service.token({ audience: "api" }));
});
Deno.test.afterAll(() => world?.service.stop());

Deno.test("secrets: listed, shown, given to others and removed; a value comes out nowhere", async () => {
  const { service } = world;
  for (const name of ["FIRST", "SECOND"]) {
    const set = await service.pipe(
      VALUE,
      "cloud",
      "secrets",
      "set",
      name,
      "--server",
      "demo-files",
    );
    assert.equal(set.code, 0, set.stderr);
  }
  const answers: unknown[] = [];
  const ask: Caller = async (...args) => {
    const answer = await admin(...args);
    answers.push([...answer.headers], answer.body);
    return answer;
  };
  const listed = await ask("GET", "secrets?server=demo-files");
  assert.deepEqual(listed.body.data.map(({ name }: { name: string }) => name), ["FIRST", "SECOND"]);
  const { id } = listed.body.data[0];
  const shown = await ask("GET", `secrets/${id}`);
  const etag = shown.headers.get("etag") ?? "";
  const change = (tag: string) =>
    ask("PATCH", `secrets/${id}`, {
      body: { servers: ["demo-github"], expires_at: "2099-01-01T00:00:00Z" },
      headers: { "if-match": tag },
    });
  const changed = await change(etag);
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.deepEqual(changed.body.data.servers, ["demo-github"]);
  assert.equal(changed.body.data.expires_at, "2099-01-01T00:00:00.000Z");
  assert.equal((await change(etag)).status, 412);
  assert.equal((await ask("PATCH", `secrets/${id}`, { body: { servers: [] } })).status, 400);
  assert.equal((await ask("PATCH", `secrets/${id}`, { body: { value: "x" } })).status, 400);
  assert.equal((await ask("POST", "secrets", { body: { name: "X", value: "y" } })).status, 405);
  assert.equal((await ask("GET", "secrets?owner_kind=user")).status, 400);
  assert.deepEqual((await ask("GET", "secrets?owner_kind=user&owner_id=nobody")).body.data, []);
  assert.equal((await ask("GET", "secrets/nothing")).status, 404);
  assert.equal((await ask("DELETE", `secrets/${id}`)).status, 204);
  assert.equal((await ask("GET", `secrets/${id}`)).status, 404);
  const text = JSON.stringify(answers);
  for (const part of [VALUE, btoa(VALUE), "nonce", "sealed"]) assert.ok(!text.includes(part), part);
  const rows = (await ask("GET", "audit?kind=admin")).body.data
    .filter(({ target, surface }: Record<string, string>) =>
      surface === "api" && target?.startsWith("vault:")
    );
  assert.deepEqual(rows.map(({ target }: { target: string }) => target), [
    "vault:secret_deleted",
    "vault:secret_updated",
  ]);
  assert.equal((await service.cli("infra", "logs", "verify")).code, 0);
});

Deno.test("config: what opens the database or a server stands in no section", async () => {
  const { body } = await admin("GET", "config");
  for (const name of body.data.sections) {
    const section = await admin("GET", `config/${name}`);
    assert.equal(section.status, 200, name);
    const text = JSON.stringify(section.body);
    assert.ok(!/postgres(ql)?:\/\//.test(text), name);
    if (name === "profile") assert.ok(!Object.hasOwn(section.body.data.value, "database"));
    if (name === "mcp") assert.ok(!/"(command|args|endpoint|environment)":/.test(text));
  }
  assert.equal((await admin("GET", "config/constructor")).status, 404);
  assert.equal((await admin("GET", "config/keys")).status, 404);
});

Deno.test("audit: a filter that fits few rows goes on over short pages and misses none", async () => {
  const sql = openPool(world.service.database, { max: 1, applicationName: "tests" });
  try {
    const base = Date.now() - 86_400_000;
    const ids = Array.from({ length: 7000 }, (_, i) => uuidV7(base + i));
    await sql`
      insert into audit
      select id, to_timestamp((${base}::float8 + n) / 1000), 'decision', id, 'paging', 'ses_paging', 't',
             md5(n::text), 'c', 'x', 'user', 'hook',
             case when n in (0, 3500, 6999) then 'tool:Rare' else 'tool:Read' end,
             'allow', 'default_allow', '{}', 0, 1
        from unnest(${ids}::uuid[]) with ordinality as r(id, k), lateral (select k - 1 as n) l`;
    for (const filter of ["target=tool:Rare", "target=tool:Rare&user_id=paging"]) {
      const found: string[] = [];
      let pages = 0;
      for (let path = `audit?${filter}&limit=10`; path; pages++) {
        const { status, body, headers } = await admin("GET", path);
        assert.equal(status, 200, JSON.stringify(body));
        found.push(...body.data.map(({ id }: { id: string }) => id));
        path = /^<([^>]+)>/.exec(headers.get("link") ?? "")?.[1] ?? "";
        assert.ok(pages < 50, "it ends");
      }
      assert.deepEqual(found, [ids[6999], ids[3500], ids[0]], filter);
      assert.ok(pages > 2, `${pages} pages`);
    }
    const page = await listRowPage(sql, { conditions: { user_id: "paging" } }, ids[10], 5);
    assert.deepEqual(page.items.map(({ id }) => id), [9, 8, 7, 6, 5].map((n) => ids[n]));
    const since = new Date(base + 6998).toISOString();
    const recent = await admin("GET", `audit?user_id=paging&since=${since}`);
    assert.deepEqual(recent.body.data.map(({ id }: { id: string }) => id), [ids[6999], ids[6998]]);
  } finally {
    await sql.end({ timeout: 1 });
  }
});
