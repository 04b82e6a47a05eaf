import assert from "node:assert/strict";
import {
  type AuditRow,
  createSealer,
  createSigningKey,
  openCheckpoint,
} from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ensureInstance, shortInstance } from "../../src/kernel/home.ts";
import { createLog } from "../../src/kernel/log.ts";
import { deriveKey, ensureMasterKey } from "../../src/vault/mod.ts";
import { decision, fill } from "../store/audit_fixture.ts";
import { createTestDatabase, type TestDatabase } from "../support/mod.ts";
import { command, type Result, spgov } from "./spgov.ts";

let database: TestDatabase;
let home: string;
let sql: Pool;
let rows: Readonly<Record<"allowed" | "outcome" | "denied" | "open" | "event", AuditRow>>;
let writer: string;
let seal: () => Promise<unknown>;
let keyId: string;

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

Deno.test.beforeAll(async () => {
  database = await createTestDatabase();
  home = await Deno.makeTempDir({ prefix: "spgov-logs-" });
  sql = openPool(database.owner, { max: 2, applicationName: "logs test" });
  const instance = shortInstance(await ensureInstance(home));
  const { key } = await ensureMasterKey({ home, env: {} });
  const sealKey = createSigningKey(deriveKey(key, "seal").reveal());
  keyId = sealKey.keyId;
  writer = `${instance}/gateway-0`;
  const sealer = createSealer({
    sql,
    key: sealKey,
    checkpoint: openCheckpoint(`${home}/seals`),
    clock: systemClock,
    log: createLog({ module: "test", write: () => {} }),
    instance,
  });
  seal = sealer.sealAll;
  rows = await writeRows();
  await seal();
});

Deno.test.afterAll(async () => {
  await sql?.end();
  await database?.drop();
  if (home) await Deno.remove(home, { recursive: true });
});

async function writeRows(): Promise<typeof rows> {
  const [allowed] = await fill(sql, writer, 1, 1, { traceId: TRACE, sessionId: "session-a" });
  assert.ok(allowed);
  const [outcome] = await fill(sql, writer, 1, 1, {
    kind: "outcome",
    callId: allowed.id,
    traceId: TRACE,
    sessionId: "session-a",
    decision: "ok",
    costMicrodollars: 1240,
    latencyUs: 31_000,
    detail: {
      event: "PostToolUse",
      output: "line one\nline \u001b[31mtwo",
      output_bytes: 20,
      duration_ms: 31,
    },
  });
  const [denied] = await fill(sql, writer, 1, 1, {
    sessionId: "session-a",
    decision: "deny",
    policy: "secret_detection",
    detail: {
      reason: "A GitHub token stands in $.tool_input.command",
      rule: "github_pat",
      agent: "reviewer",
      rules: [
        ["identity", "identity", "pass", 4],
        ["secrets", "github_pat", "deny", 40, { path: "$.x", length: 40 }],
        ["commit", "commit", "skipped", 0],
      ],
    },
  });
  const [open] = await fill(sql, writer, 1, 1, { sessionId: "session-b", detail: {} });
  const [event] = await fill(sql, writer, 1, 1, {
    kind: "identity",
    decision: "ok",
    target: "identity:user_created",
    detail: { subject: "ada" },
  });
  assert.ok(outcome && denied && open && event);
  return { allowed, outcome, denied, open, event };
}

function logs(...args: string[]): Promise<Result> {
  return spgov(["infra", "logs", ...args, "--home", home], { env: { DATABASE_URL: database.url } });
}

async function logsJson(
  ...args: string[]
): Promise<{ data: Record<string, unknown>; hints?: { next?: string } }> {
  const { code, stdout, stderr } = await logs(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("audit <request id> explains one call on one page", async () => {
  const { code, stdout } = await logs("audit", rows.allowed.id);
  assert.equal(code, 0);
  for (
    const text of [
      "ALLOW  tool:Bash",
      "ada · role user",
      "ok after 31 ms",
      "$0.001252",
      TRACE,
      "session-a",
      "line one",
      "\\u001b[31mtwo",
    ]
  ) assert.ok(stdout.includes(text), `${text} in\n${stdout}`);
  assert.ok(!stdout.includes("\u001b"), "what a tool printed cannot colour the terminal");
});

Deno.test("audit of a denial says which rule, where, and that the rest was not reached", async () => {
  const { stdout } = await logs("audit", rows.denied.id);
  assert.match(stdout, /^DENY {2}tool:Bash/);
  assert.match(stdout, /✗ secrets +github_pat +40 µs +path \$\.x, length 40/);
  assert.match(stdout, /· commit +not reached/);
  assert.match(stdout, /outcome +never ran/);
});

Deno.test("audit --json has every id whole and the call's outcome and cost", async () => {
  const { data } = await logsJson("audit", rows.allowed.id.slice(0, 30));
  const [call] = data.calls as Record<string, unknown>[];
  assert.equal(data.matched, "request");
  assert.equal(call?.request_id, rows.allowed.id);
  assert.equal(call?.trace_id, TRACE);
  assert.equal(call?.outcome, "ok");
  assert.equal(call?.outcome_id, rows.outcome.id);
  assert.equal(call?.cost_microdollars, 1252);
  assert.equal(call?.duration_ms, 31);
  for (const id of ["user_id", "session_id", "task_id", "trace_id", "context_id", "client_id"]) {
    assert.equal(typeof call?.[id], "string", id);
  }
});

Deno.test("audit takes the outcome's id, a trace, a trace's beginning and a session", async () => {
  const byOutcome = await logsJson("audit", rows.outcome.id);
  assert.equal((byOutcome.data.calls as { request_id: string }[])[0]?.request_id, rows.allowed.id);
  for (const id of [TRACE, TRACE.slice(0, 10)]) {
    const { data } = await logsJson("audit", id);
    assert.equal(data.matched, "trace");
    assert.equal((data.calls as unknown[]).length, 1);
  }
  const { data } = await logsJson("audit", "session-a");
  assert.equal(data.matched, "session");
  assert.deepEqual(
    (data.calls as { request_id: string }[]).map((call) => call.request_id).toSorted(),
    [rows.allowed.id, rows.denied.id].toSorted(),
  );
});

Deno.test("a session prints as a table, and whole with --full", async () => {
  const table = await logs("audit", "session-a");
  assert.match(table.stdout, /^TIME +RESULT +TARGET +POLICY +USER +REQUEST\n/);
  assert.match(table.stderr, /2 calls of session session-a/);
  const full = await logs("audit", "session-a", "--full");
  assert.match(full.stdout, /ALLOW/);
  assert.match(full.stdout, /DENY/);
  assert.ok(!full.stdout.includes("REQUEST"));
});

Deno.test("a beginning that fits several sessions says so", async () => {
  const { stderr, code } = await logs("audit", "session-");
  assert.equal(code, 0);
  assert.match(stderr, /3 calls of 2 sessions that begin with "session-"/);
});

Deno.test("a row that is no call is shown as what it is", async () => {
  const { stdout } = await logs("audit", rows.event.id);
  assert.match(stdout, /identity:user_created/);
});

Deno.test("what is unknown exits 3 and prints no data", async () => {
  for (const id of ["nonsense", "ffffffff", "'; drop table audit; --", "%", "_"]) {
    const { code, stdout, stderr } = await logs("audit", id);
    assert.deepEqual([code, stdout], [3, ""], id);
    assert.match(stderr, /No call, trace or session begins with/);
  }
  assert.equal((await logs("decisions", "show", TRACE)).code, 3);
  assert.equal((await logs("trace", "show", "abc")).code, 3);
  const { stdout } = await logs("audit", "nonsense", "--json");
  assert.equal(JSON.parse(stdout).error.code, "not_found");
});

Deno.test("an empty row still prints", async () => {
  const { code, stdout } = await logs("audit", rows.open.id, "--full");
  assert.equal(code, 0);
  assert.match(stdout, /no outcome recorded yet/);
});

Deno.test("decisions list filters and pages", async () => {
  const ids = async (...args: string[]): Promise<string[]> => {
    const { data } = await logsJson("decisions", "list", ...args);
    return (data.decisions as { request_id: string }[]).map((call) => call.request_id);
  };
  assert.equal((await ids()).length, 3);
  assert.deepEqual(await ids("--decision", "deny"), [rows.denied.id]);
  assert.deepEqual(await ids("--agent", "reviewer"), [rows.denied.id]);
  assert.deepEqual(await ids("--session", "session-b"), [rows.open.id]);
  assert.deepEqual(await ids("--policy", "secret_detection"), [rows.denied.id]);
  assert.equal((await ids("--tool", "Bash")).length, 3);
  assert.deepEqual(await ids("--tool", "Read"), []);
  assert.deepEqual(await ids("--until", "1h"), []);
  const first = await logsJson("decisions", "list", "--limit", "2");
  const rest = await ids("--limit", "2", "--cursor", first.hints?.next ?? "");
  assert.equal((first.data.decisions as unknown[]).length, 2);
  assert.equal(rest.length, 1);
  assert.equal((await logs("decisions", "list", "--cursor", "x")).code, 2);
});

Deno.test("traces are grouped, and one is told in order", async () => {
  const { data } = await logsJson("trace", "list", "--session", "session-a");
  const traces = data.traces as Record<string, unknown>[];
  const trace = traces.find((each) => each.trace_id === TRACE);
  assert.deepEqual([trace?.calls, trace?.open, trace?.denied], [1, 0, 0]);
  assert.equal(trace?.cost_microdollars, 1252);
  const shown = await logsJson("trace", "show", TRACE.slice(0, 12));
  const events = shown.data.events as { kind: string; delta_ms: number }[];
  assert.deepEqual(events.map((event) => event.kind), ["decision", "outcome"]);
  assert.equal(events[0]?.delta_ms, 0);
});

Deno.test("verify exits 0 on a whole log, 5 on one that was changed, and says where", async () => {
  const good = await logs("verify");
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /✓ The audit log verifies\./);
  assert.match(good.stdout, new RegExp(`key ${keyId}`));
  const change = async (policy: string): Promise<void> => {
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update audit set policy = ${policy} where id = ${rows.denied.id}`;
    });
  };
  await change("default_allow");
  try {
    const bad = await logs("verify", "--json");
    assert.equal(bad.code, 5);
    const { data } = JSON.parse(bad.stdout);
    assert.deepEqual([data.ok, data.finding_count], [false, 1]);
    assert.equal(data.findings[0].n, 3);
    assert.equal(data.findings[0].row, rows.denied.id);
    assert.equal(data.findings[0].writer, writer);
  } finally {
    await change("secret_detection");
  }
});

Deno.test("a pinned key that is another one does not verify", async () => {
  assert.equal((await logs("verify", "--key", keyId)).code, 0);
  const other = await logs("verify", "--key", "0123456789abcdef");
  assert.equal(other.code, 5);
  assert.match(other.stdout, /which is not known here/);
  assert.equal((await logs("verify", "--key", "/nonexistent")).code, 3);
});

Deno.test("a bundle verifies without database and home; cut or changed it exits 5", async () => {
  const path = `${home}/log.bundle`;
  const made = await logs("export", "--output", path);
  assert.equal(made.code, 0, made.stderr);
  const check = (file: string, ...args: string[]): Promise<Result> =>
    spgov(["infra", "logs", "verify", "--bundle", file, "--home", "/nonexistent", ...args]);
  const good = await check(path);
  assert.equal(good.code, 0, good.stdout + good.stderr);
  assert.match(good.stdout, new RegExp(`signed by +key ${keyId}`));
  assert.equal((await check(path, "--key", keyId)).code, 0);
  assert.equal((await check(path, "--key", "0123456789abcdef")).code, 5);
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace('"decision":"deny"', '"decision":"allow"'));
  const bad = await check(path);
  assert.equal(bad.code, 5);
  assert.match(bad.stdout, /The row at n=3 was changed/);
  await Deno.writeTextFile(path, text.slice(0, text.length / 2));
  assert.equal((await check(path)).code, 5);
  assert.equal((await check(`${home}/none`)).code, 3);
});

Deno.test("export writes a bundle to standard output, rows as lines, and never half a file", async () => {
  const bundle = await logs("export");
  assert.match(bundle.stdout, /^\{"bundle":/);
  assert.match(bundle.stdout, /\n\{"end":.*\}\n$/);
  const { stdout } = await logs("export", "--format", "jsonl", "--session", "session-b");
  assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line).id), [rows.open.id]);
  const none = await logs("export", "--session", "nobody", "--output", `${home}/none.bundle`);
  assert.equal(none.code, 3);
  await assert.rejects(Deno.stat(`${home}/none.bundle`), Deno.errors.NotFound);
  assert.equal((await logs("export", "--json")).code, 2);
});

Deno.test("stream prints each new row once, as JSON a line, and ends cleanly when interrupted", async () => {
  const child = command(["infra", "logs", "stream", "--json", "--home", home], {
    env: { DATABASE_URL: database.url },
  }).spawn();
  await child.stdin.close();
  const lines: string[] = [];
  const notes: string[] = [];
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    }
  })();
  const noting = (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) notes.push(chunk);
  })();
  await until(() => notes.join("").includes("Following"));
  // Made long ago and committed now: an id below those that were seen must not be skipped.
  const old = decision({ createdAt: Date.now() - 60_000, sessionId: "session-s" });
  const made = [
    ...await fill(sql, writer, 3, 2, { sessionId: "session-s" }),
    ...await fill(sql, writer, 1, 1, old),
  ];
  await until(() => lines.length >= 4);
  child.kill("SIGINT");
  const { code } = await child.status;
  await Promise.all([reading, noting]);
  assert.equal(code, 0);
  const ids = lines.map((line) => JSON.parse(line).data.id);
  assert.deepEqual(ids, made.map((row) => row.id));
  await seal();
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not happen within 20 s");
}

Deno.test("fork wants a loss, a reason and a yes; then the log goes on and verifies", async () => {
  const nothing = await logs("fork", "--reason", "just so", "--yes");
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /lost nothing/);
  await fill(sql, writer, 2, 2);
  await seal();
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    const [last] = await tx`select batch, row_ids, previous_root from audit_batches
      where writer = ${writer} order by batch desc limit 1`;
    await tx`delete from audit where id = any(${last?.rowIds}::uuid[])`;
    await tx`delete from audit_batches where writer = ${writer} and batch = ${last?.batch}`;
    await tx`delete from audit_seals where writer = ${writer} and batch = ${last?.batch}`;
    await tx`update audit_head set n = n - 2, batch = batch - 1, root = ${last?.previousRoot} where writer = ${writer}`;
  });
  assert.equal((await logs("verify")).code, 5);
  assert.equal((await logs("fork", "--reason", "restored a backup")).code, 2, "nobody to ask");
  const done = await logs("fork", "--reason", "restored a backup", "--yes", "--json");
  assert.equal(done.code, 0, done.stderr);
  const after = await logs("verify");
  assert.equal(after.code, 0, after.stdout);
  assert.match(after.stdout, /forks +1, signed and recorded/);
});
