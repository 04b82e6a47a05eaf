import assert from "node:assert/strict";
import { HOUR_MS, scanAnomalies } from "../../src/analytics/mod.ts";
import { appendRows, type AuditRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createLog } from "../../src/kernel/log.ts";
import { decision } from "../store/audit_fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/mod.ts";
import { type Result, spgov } from "./spgov.ts";

let database: TestDatabase;
let home: string;
let sql: Pool;
const NOW = Date.now();
const THIS_HOUR = Math.floor(NOW / HOUR_MS) * HOUR_MS;

Deno.test.beforeAll(async () => {
  database = await createTestDatabase();
  home = await Deno.makeTempDir({ prefix: "spgov-analytics-" });
  sql = openPool(database.owner, { max: 2, applicationName: "analytics test" });
  for (let ago = 1; ago <= 9; ago++) await add(20, THIS_HOUR - ago * HOUR_MS, { userId: "ada" });
  await add(50, THIS_HOUR, { userId: "ada", target: "mcp:github/create_issue" });
  await add(20, THIS_HOUR, { userId: "ada", decision: "deny", policy: "tool_blocklist" });
  await scanAnomalies({
    sql,
    clock: { now: () => THIS_HOUR + HOUR_MS - 1, monotonic: () => 0 },
    log: createLog({ module: "test", write: () => {} }),
    writer: "test/jobs",
    signal: new AbortController().signal,
    progress: () => {},
  }, {
    rules: {
      ...{ windowHours: 168, minSamples: 8, warning: 2, critical: 3 },
      least: { calls: 10, denied: 5, failed: 5, cost_microdollars: 1e6 },
    },
    keepDays: 90,
  });
});

Deno.test.afterAll(async () => {
  await sql?.end();
  await database?.drop();
  if (home) await Deno.remove(home, { recursive: true });
});

async function add(count: number, createdAt: number, over: Partial<AuditRow>): Promise<void> {
  const rows = Array.from({ length: count }, () =>
    decision({
      ...{ createdAt, id: uuidV7(createdAt), costMicrodollars: 0 },
      ...{ detail: { agent: "builder" }, target: "tool:Read", ...over },
    }));
  await appendRows(sql, "test/gateway-0", rows);
}

function analytics(...args: string[]): Promise<Result> {
  return spgov(["analytics", ...args, "--home", home], { env: { DATABASE_URL: database.url } });
}

// deno-lint-ignore no-explicit-any
async function json(...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await analytics(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("anomalies list shows whose hour it was, what there was more of, and how much more", async () => {
  const { data, kind } = await json("anomalies", "list", "--kind", "user");
  assert.equal(kind, "analytics.anomalies");
  const brief = data.anomalies.map((
    each: Record<string, unknown>,
  ) => [each.subject, each.measure, each.severity, each.value, each.baseline, each.ratio]);
  assert.deepEqual(brief.sort(), [
    ["ada", "calls", "critical", 70, 20, 3.5],
    ["ada", "denied", "critical", 20, 0, null],
  ]);
  const people = await analytics("anomalies", "list", "--measure", "denied");
  assert.match(people.stdout, /critical +user ada +denied +20 +0 +new/);
  assert.match(people.stdout, /critical +agent builder/);
  const none = await analytics("anomalies", "list", "--subject", "bob");
  assert.deepEqual([none.code, none.stdout], [0, ""]);
});

Deno.test("anomalies list goes on where the page before ended", async () => {
  const seen = new Set<string>();
  let cursor: string[] = [];
  for (let page = 0; page < 10; page++) {
    const { data, hints } = await json("anomalies", "list", "--limit", "1", ...cursor);
    for (const { id } of data.anomalies) seen.add(id);
    if (hints?.next === undefined) break;
    cursor = ["--cursor", hints.next];
  }
  const { data } = await json("anomalies", "list");
  assert.deepEqual([...seen].sort(), data.anomalies.map(({ id }: { id: string }) => id).sort());
  assert.equal((await analytics("anomalies", "list", "--cursor", "x' or 1=1")).code, 2);
});

Deno.test("anomalies show has the hours before, what the hour's calls were, and where to read them", async () => {
  const { data: list } = await json("anomalies", "list", "--kind", "user", "--measure", "calls");
  const [{ id }] = list.anomalies;
  const { data } = await json("anomalies", "show", id.slice(0, 34));
  assert.equal(data.id, id);
  assert.deepEqual(
    data.hours.map(({ value }: { value: number }) => value),
    [...Array(9).fill(20), 70],
  );
  assert.deepEqual(data.calls_of_the_hour, [
    { by: "agent", name: "builder", calls: 70 },
    { by: "policy", name: "default_allow", calls: 50 },
    { by: "policy", name: "tool_blocklist", calls: 20 },
    { by: "tool", name: "mcp:github/create_issue", calls: 50 },
    { by: "tool", name: "tool:Read", calls: 20 },
  ]);
  const { stdout } = await analytics("anomalies", "show", id);
  const [, line = ""] = /hint +spgov (.*)$/m.exec(stdout) ?? [];
  const drill = await spgov([...line.replaceAll('"', "").split(" "), "--limit", "100", "--json"], {
    env: { DATABASE_URL: database.url, SPGOV_HOME: home },
  });
  assert.equal(JSON.parse(drill.stdout).data.decisions.length, 70, drill.stderr);
});

Deno.test("anomalies show says what it cannot find", async () => {
  for (const id of ["ffffffff", "'; drop table anomalies", "%"]) {
    const { code, stderr } = await analytics("anomalies", "show", id);
    assert.equal(code, 3, stderr);
  }
});
