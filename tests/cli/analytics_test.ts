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
  await addEnded();
  await sql`insert into users (id, name, email, roles) values ('bob', 'bob', 'bob@x.test', '{user}')`;
  await sql`insert into sessions (id, user_id, client_id, audience, role, token_id, created_at, expires_at)
    values ('s-bob', 'bob', 'test', 'mcp', 'user', 'jti-bob', ${new Date(
    NOW - 120_000,
  )}, now() + interval '1 hour'),
           ('s-over', 'bob', 'test', 'mcp', 'user', 'jti-over', ${new Date(
    NOW - 120_000,
  )}, now() - interval '1 minute')`;
});

/** What another user's agent did a minute ago: tools that worked and did not, and a model. */
async function addEnded(): Promise<void> {
  const createdAt = NOW - 60_000;
  const by = { userId: "bob", sessionId: "s-bob", contextId: "talk-1", createdAt };
  for (const [target, ended, reason] of ENDED) {
    const model = target.startsWith("model:");
    const call = decision({
      ...by,
      ...{ id: uuidV7(createdAt), target, costMicrodollars: model ? 700 : 0 },
      detail: { agent: "=writer" },
    });
    const outcome: AuditRow = {
      ...call,
      ...{ id: uuidV7(createdAt + 5), kind: "outcome", callId: call.id, decision: ended },
      ...{ latencyUs: 20_000, costMicrodollars: 0 },
      detail: { agent: "=writer", reason, ...model && { tokens: { input: 100, output: 50 } } },
    };
    await appendRows(sql, "test/gateway-0", [call, outcome]);
  }
}

const ENDED = [
  ["tool:Bash", "ok", undefined],
  ["tool:Bash", "ok", undefined],
  ["tool:Bash", "error", "exit status 2"],
  ["mcp:github/list_issues", "timeout", "it took too long"],
  ["model:anthropic/claude-x", "ok", undefined],
  ["model:anthropic/claude-x", "ok", undefined],
  ["model:other/small", "ok", undefined],
] as const;

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

Deno.test("overview counts a period and compares it with the one before", async () => {
  const { data } = await json("overview", "--since", new Date(THIS_HOUR - HOUR_MS).toISOString());
  assert.equal(data.calls.total, 97);
  assert.equal(data.calls.denied, 20);
  assert.deepEqual(data.agents, { active_count: 2, total_tasks: 97, success_rate: 0.7143 });
  assert.deepEqual(data.tools, { total_executions: 74, success_rate: 0.5 });
  assert.deepEqual(data.sessions, { currently_active: 1, created_in_period: 2 });
  assert.equal(data.costs.total_cost_microdollars, 2100);
  assert.equal(data.costs.change_percent, null, "nothing cost anything before");
  assert.ok(data.anomalies.critical >= 2);
  assert.equal((await analytics("overview", "--since", "1h", "--until", "2h")).code, 2);
});

Deno.test("agents and tools are listed, summed up and shown, errors with their reasons", async () => {
  const { data: list } = await json("agents", "list");
  assert.equal(list.total, 2);
  const [first, second] = list.agents;
  assert.deepEqual([first.agent_name, second.agent_name], ["builder", "=writer"]);
  assert.deepEqual([second.task_count, second.success_rate, second.avg_execution_time_ms], [
    ...[7, 0.7143, 20],
  ]);
  const cost = await json("agents", "list", "--sort-by", "cost", "--limit", "1");
  assert.deepEqual([cost.data.agents[0].agent_name, cost.data.total], ["=writer", 2]);

  const { data: shown } = await json("agents", "show", "=writer");
  assert.deepEqual(shown.status_breakdown, [
    { status: "ok", count: 5, percentage: 71.4 },
    { status: "error", count: 1, percentage: 14.3 },
    { status: "timeout", count: 1, percentage: 14.3 },
  ]);
  assert.deepEqual(shown.top_errors, [
    { error_type: "exit status 2", count: 1 },
    { error_type: "it took too long", count: 1 },
  ]);
  assert.equal(shown.hourly_distribution[0].count, 7);
  assert.equal((await analytics("agents", "show", "nobody")).code, 3);

  const { data: tool } = await json("tools", "show", "Bash");
  const { total_executions, successful, failed, timeout, success_rate } = tool.summary;
  assert.deepEqual([total_executions, successful, failed, timeout, success_rate], [
    ...[3, 2, 1, 0, 0.6667],
  ]);
  assert.deepEqual(tool.usage_by_agent, [{ agent_name: "=writer", count: 3, percentage: 100 }]);
  const { data: github } = await json("tools", "list", "--server", "github");
  assert.deepEqual(
    github.tools.map(({ tool_name }: { tool_name: string }) => tool_name).sort(),
    ["create_issue", "list_issues"],
  );
  const none = await json("tools", "list", "--server", "git%");
  assert.equal(none.data.total, 0, "a name is no pattern");
  const { data: stats } = await json("tools", "stats", "--tool", "mcp:github/list_issues");
  assert.deepEqual([stats.total_tools, stats.timeout], [1, 1]);
});

Deno.test("models, tokens and costs are summed up by what is asked for", async () => {
  const { data: stats } = await json("requests", "stats", "--model", "claude-x");
  assert.deepEqual(
    [stats.total_requests, stats.input_tokens, stats.output_tokens, stats.total_cost_microdollars],
    [2, 200, 100, 1400],
  );
  const { data: models } = await json("requests", "models");
  assert.deepEqual(
    models.models.map((each: Record<string, unknown>) => [
      each.provider,
      each.model,
      each.request_count,
      each.percentage,
    ]),
    [["anthropic", "claude-x", 2, 66.7], ["other", "small", 1, 33.3]],
  );
  const { data: summary } = await json("costs", "summary");
  assert.deepEqual([summary.total_cost_microdollars, summary.total_tokens], [2100, 450]);
  const by = async (what: string) =>
    (await json("costs", "breakdown", "--by", what)).data.items.map(
      (each: Record<string, unknown>) => [each.name, each.cost_microdollars, each.percentage],
    );
  assert.deepEqual(await by("provider"), [["anthropic", 1400, 66.7], ["other", 700, 33.3]]);
  assert.deepEqual((await by("user"))[0], ["bob", 2100, 100]);
});

Deno.test("trends have a point for every bucket, and those sum up to the whole", async () => {
  const since = new Date(THIS_HOUR - 12 * HOUR_MS).toISOString();
  for (const [noun, member, whole] of TRENDS) {
    const { data } = await json(noun, "trends", "--group-by", "hour", "--since", since);
    assert.ok(
      data.points.length >= 13 && data.points.length <= 14,
      `${noun} ${data.points.length}`,
    );
    const sum = data.points.reduce(
      (all: number, point: Record<string, number>) => all + (point[member] ?? 0),
      0,
    );
    assert.equal(sum, whole, noun);
  }
  const { data } = await json("agents", "trends", "--group-by", "month", "--agent", "=writer");
  assert.ok(data.points.length <= 2);
});

const TRENDS = [
  ["agents", "task_count", 257],
  ["tools", "execution_count", 234],
  ["requests", "request_count", 3],
  ["costs", "cost_microdollars", 2100],
  ["sessions", "session_count", 2],
  ["conversations", "task_count", 257],
] as const;

Deno.test("sessions and conversations: how many, who, how long, which are live", async () => {
  const { data } = await json("sessions", "stats");
  assert.deepEqual(
    [data.sessions_created_in_period, data.sessions_currently_active, data.unique_users],
    [2, 1, 1],
  );
  assert.deepEqual([data.avg_duration_seconds, data.avg_requests_per_session], [60, 3.5]);
  const { data: live } = await json("sessions", "live");
  const mine = live.sessions.find(({ session_id }: { session_id: string }) =>
    session_id === "s-bob"
  );
  assert.deepEqual([mine.request_count, mine.user_type, mine.duration_seconds], [7, "user", 60]);
  const { data: talks } = await json("conversations", "list", "--limit", "1");
  assert.deepEqual([talks.conversations[0].context_id, talks.total], ["talk-1", 2]);
  assert.equal((await json("conversations", "stats")).data.total_contexts, 2);
});

Deno.test("an export is a file that no spreadsheet runs, and nothing is printed", async () => {
  const file = `${home}/agents.csv`;
  const { code, stdout, stderr } = await analytics("agents", "list", "--export", file);
  assert.deepEqual([code, stdout], [0, ""], stderr);
  const lines = (await Deno.readTextFile(file)).split("\r\n");
  assert.match(lines[0] ?? "", /^agent_name,task_count,denied,success_rate/);
  assert.match(lines[2] ?? "", /^'=writer,7,0,0\.7143,20,2100,/);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  const failed = await analytics("agents", "list", "--export", "/nonexistent/x.csv");
  assert.equal(failed.code, 1);
});
