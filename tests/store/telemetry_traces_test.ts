/** Spans from a real audit to a collector on a real port. */
import assert from "node:assert/strict";
import { appendRows, type AuditRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createTraceExporter, openCollector, type TraceExporter } from "../../src/telemetry/mod.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/otlp_receiver.ts";
import {
  type AuditFixture,
  createAuditFixture,
  decision,
  GATEWAY,
  INSTANCE,
} from "./audit_fixture.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

interface World extends AsyncDisposable {
  readonly fixture: AuditFixture;
  readonly receiver: OtlpReceiver;
  readonly exporter: TraceExporter;
  readonly logged: readonly string[];
  /** Waits for what has to come, and fails when it does not. */
  until(what: string, condition: () => boolean): Promise<void>;
}

async function createWorld(
  protocol: "http/json" | "http/protobuf" = "http/json",
  receiver: OtlpReceiver = startOtlpReceiver(),
  timeoutMs = 5000,
): Promise<World> {
  const fixture = await createAuditFixture();
  const [{ role } = {}] = await fixture.sql<{ role: string }[]>`select 'spgov_logs' as role`;
  const sql: Pool = openPool({ ...fixture.database.owner, ...role !== undefined && { role } }, {
    max: 1,
    applicationName: "telemetry test",
  });
  const logged: string[] = [];
  const collector = openCollector({
    endpoint: `${receiver.url}/`,
    timeoutMs,
    token: "a-token",
    ca: undefined,
  });
  const exporter = createTraceExporter({
    ...{ sql, collector, protocol, everyMs: 20 },
    sender: { serviceName: "spgov", version: "1", instance: INSTANCE },
    log: createLog({ module: "test", write: (line) => void logged.push(String(line)) }),
  });
  const stop = new AbortController();
  // A chain that is there before: what it holds is not sent.
  await appendRows(fixture.sql, GATEWAY, [decision({ traceId: "f".repeat(32) })]);
  const running = exporter.run(stop.signal);
  const cursor = () => fixture.sql`select 1 from telemetry_cursors`;
  for (let n = 0; (await cursor()).length === 0; n++) {
    assert.ok(n < 500, "the exporter starts");
    await pause(10);
  }
  return {
    ...{ fixture, receiver, exporter, logged },
    async until(what, condition) {
      for (const end = performance.now() + 20_000; !condition(); await pause(10)) {
        if (performance.now() > end) assert.fail(`in vain: ${what}\n${logged.join("")}`);
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      collector.close();
      await sql.end({ timeout: 1 });
      await receiver[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function call(over: Partial<AuditRow> = {}, detail: Record<string, unknown> = {}): AuditRow {
  return decision({
    traceId: TRACE,
    target: "mcp:github/create_issue",
    surface: "mcp",
    latencyUs: 1500,
    costMicrodollars: 12,
    detail: {
      event: "tools/call",
      agent: "builder",
      input: { token: "not to be sent" },
      context: { parent_span_id: PARENT },
      rules: [["identity", "token", "pass", 12.5], ["secrets", "a", "pass", 3], [
        "secrets",
        "b",
        "pass",
        4,
      ]],
      ...detail,
    },
    ...over,
  });
}

function outcomeOf(row: AuditRow, afterMs: number, over: Partial<AuditRow> = {}): AuditRow {
  const createdAt = row.createdAt + afterMs;
  return {
    ...{ ...row, id: uuidV7(createdAt), createdAt, kind: "outcome", callId: row.id },
    ...{ decision: "ok", latencyUs: afterMs * 1000 },
    ...over,
  };
}

Deno.test("a call is a span by the conventions for MCP and GenAI, its decision a part of it", async () => {
  await using world = await createWorld();
  const { fixture, receiver } = world;
  const row = call();
  await appendRows(fixture.sql, GATEWAY, [row]);
  await appendRows(fixture.sql, GATEWAY, [outcomeOf(row, 250)]);
  await world.until("both spans", () => receiver.spans().length === 2);
  const [decided, ran] = receiver.spans();
  assert.ok(decided && ran);
  assert.deepEqual([decided.traceId, ran.traceId], [TRACE, TRACE]);
  assert.equal(decided.name, "spgov.decide");
  assert.equal(decided.parentSpanId, ran.spanId);
  assert.equal(ran.parentSpanId, PARENT);
  assert.notEqual(decided.spanId, ran.spanId);
  assert.equal(ran.name, "tools/call create_issue");
  assert.equal(ran.kind, 2, "SERVER");
  const names = {
    "mcp.method.name": "tools/call",
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "create_issue",
    "gen_ai.agent.name": "builder",
    "spgov.mcp.server": "github",
    "network.transport": "tcp",
    "spgov.call.id": row.id,
  };
  for (const [name, value] of Object.entries(names)) {
    assert.equal(ran.attributes[name], value, name);
  }
  assert.equal(ran.attributes["error.type"], undefined);
  assert.equal(BigInt(ran.endTimeUnixNano) - BigInt(ran.startTimeUnixNano), 250_000_000n);
  assert.equal(BigInt(ran.startTimeUnixNano), BigInt(row.createdAt) * 1_000_000n);
  assert.equal(decided.attributes["spgov.stage.secrets.us"], 7);
  assert.equal(decided.attributes["spgov.policy"], "default_allow");
  assert.equal(ran.resource["service.name"], "spgov");
  assert.equal(ran.resource["service.instance.id"], INSTANCE);
  const [request] = receiver.requests;
  assert.equal(request?.path, "/v1/traces");
  assert.equal(request?.headers.get("authorization"), "Bearer a-token");
  assert.doesNotMatch(new TextDecoder().decode(request?.body), /not to be sent/);
});

Deno.test("denials and failures are errors with a type; hooks' tools are execute_tool; nothing else is a span", async () => {
  await using world = await createWorld();
  const { fixture, receiver } = world;
  const denied = call({ decision: "deny", policy: "tool_blocklist" }, {
    rule: "drop_database",
    reason: "Rule drop_database forbids it",
  });
  const hook = call({ surface: "hook", target: "tool:Bash", taskId: "toolu_1" }, {
    event: "PreToolUse",
  });
  const identity = decision({ kind: "identity", target: "identity:signed_in", decision: "ok" });
  const odd = call({ traceId: "no-trace" });
  await appendRows(fixture.sql, GATEWAY, [denied, identity, odd, hook]);
  await appendRows(fixture.sql, GATEWAY, [outcomeOf(hook, 10, { decision: "error" })]);
  await world.until("four spans", () => receiver.spans().length >= 4);
  const calls = receiver.spans().filter(({ name }) => name !== "spgov.decide");
  assert.deepEqual(
    calls.map(({ name, kind, status, attributes }) => [
      name,
      kind,
      status.code,
      status.message,
      attributes["error.type"],
    ]),
    [
      ["tools/call create_issue", 2, 2, "Rule drop_database forbids it", "tool_blocklist"],
      ["execute_tool Bash", 1, 2, "tool_error", "tool_error"],
    ],
  );
  assert.equal(calls[0]?.attributes["spgov.rule"], "drop_database");
  assert.equal(calls[1]?.attributes["gen_ai.tool.call.id"], "toolu_1");
  assert.equal(receiver.spans().length, 4);
});

Deno.test("a collector that is away gets every span when it is back, in order and without a pile in memory", async () => {
  await using world = await createWorld();
  const { fixture, receiver, exporter } = world;
  receiver.answer(() => new Response("not now", { status: 503, headers: { "retry-after": "0" } }));
  const rows = Array.from({ length: 3000 }, () => call());
  for (let at = 0; at < rows.length; at += 100) {
    await appendRows(fixture.sql, GATEWAY, rows.slice(at, at + 100));
  }
  await world.until("it is failing", () => exporter.stats.isFailing);
  assert.deepEqual([exporter.stats.sent, receiver.spans().length], [0, 0]);
  const largest = Math.max(...receiver.requests.map(({ body }) => body.length));
  assert.ok(largest < 2_000_000, `${largest} bytes in a request`);
  receiver.answer(() => Response.json({}));
  await world.until("all of them", () => receiver.spans().length >= rows.length);
  assert.deepEqual(
    receiver.spans().map(({ attributes }) => attributes["spgov.call.id"]),
    rows.map(({ id }) => id),
  );
  await world.until("nothing waits", () => exporter.stats.waiting === 0);
  assert.equal(exporter.stats.isFailing, false);
  assert.equal(world.logged.filter((line) => line.includes("takes no spans")).length, 1);
});

Deno.test("what is taken is not sent again after a restart, what is not is", async () => {
  await using receiver = startOtlpReceiver();
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  async function runUntil(condition: () => boolean): Promise<void> {
    const collector = openCollector({
      ...{ endpoint: receiver.url, timeoutMs: 5000, token: undefined, ca: undefined },
    });
    const exporter = createTraceExporter({
      ...{ sql, collector, protocol: "http/json", everyMs: 10 },
      sender: { serviceName: "spgov", version: "1", instance: INSTANCE },
      log: createLog({ module: "test", write: () => {} }),
    });
    const stop = new AbortController();
    const running = exporter.run(stop.signal);
    for (const end = performance.now() + 10_000; !condition(); await pause(10)) {
      assert.ok(performance.now() < end);
    }
    stop.abort();
    await running;
    collector.close();
  }
  await appendRows(sql, GATEWAY, [call()]);
  const seen = () => receiver.spans().length;
  const started = performance.now();
  await runUntil(() => performance.now() - started > 300);
  assert.equal(seen(), 0, "what was there before it was configured stays");
  await appendRows(sql, GATEWAY, [call()]);
  await runUntil(() => seen() === 1);
  receiver.answer(() => new Response(null, { status: 500 }));
  const failed = () => receiver.requests.filter(({ status }) => status === 500).length;
  await appendRows(sql, GATEWAY, [call()]);
  await appendRows(sql, `${INSTANCE}/gateway-1`, [call()]);
  await appendRows(sql, "another/gateway-0", [call()]);
  await runUntil(() => failed() > 0);
  receiver.answer(() => Response.json({}));
  await runUntil(() => seen() === 3);
  const ids = receiver.spans().map(({ attributes }) => attributes["spgov.call.id"]);
  assert.equal(new Set(ids).size, 3, "each once, and none of another instance");
});

Deno.test("what a collector refuses for good is counted and left behind; what is too large is halved", async () => {
  await using world = await createWorld();
  const { fixture, receiver, exporter } = world;
  receiver.answer((_, body) =>
    new TextDecoder().decode(body).includes("poison")
      ? new Response(null, { status: 400 })
      : body.length > 20_000
      ? new Response(null, { status: 413 })
      : Response.json({ partialSuccess: { rejectedSpans: "1", errorMessage: "one is odd" } })
  );
  await appendRows(fixture.sql, GATEWAY, [call({ policy: "policy:poison" })]);
  await world.until("it is refused", () => exporter.stats.refused === 1);
  await appendRows(fixture.sql, GATEWAY, Array.from({ length: 100 }, () => call()));
  await world.until("the rest", () => exporter.stats.sent + exporter.stats.refused === 101);
  assert.equal(receiver.spans().length, 100);
  await world.until("nothing waits", () => exporter.stats.waiting === 0);
});

Deno.test("a collector that hangs, redirects, or answers without end stops nothing but the sending", async () => {
  await using world = await createWorld("http/json", startOtlpReceiver(), 200);
  const { fixture, receiver, exporter } = world;
  await using elsewhere = startOtlpReceiver();
  const endless = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384)) }),
    );
  let n = 0;
  const gate = Promise.withResolvers<void>();
  receiver.answer(async () => {
    n++;
    if (n === 1) await gate.promise;
    if (n === 2) return Response.redirect(`${elsewhere.url}/v1/traces`, 307);
    return n === 3 ? endless() : Response.json({});
  });
  await appendRows(fixture.sql, GATEWAY, [call()]);
  await world.until("it was redirected", () => n >= 2);
  await world.until("it is sent", () => exporter.stats.sent === 1);
  gate.resolve();
  assert.deepEqual(elsewhere.requests, [], "nothing goes where nobody configured");
});

Deno.test("protobuf holds the ids, the names and no input", async () => {
  await using world = await createWorld("http/protobuf");
  const { fixture, receiver } = world;
  await appendRows(fixture.sql, GATEWAY, [call()]);
  await world.until("a request", () => receiver.requests.length > 0);
  const [request] = receiver.requests;
  assert.equal(request?.headers.get("content-type"), "application/x-protobuf");
  const latin = new TextDecoder("latin1").decode(request?.body);
  const trace = String.fromCharCode(...Uint8Array.fromHex(TRACE));
  assert.ok(latin.includes(new TextDecoder("latin1").decode(Uint8Array.fromHex(TRACE))), trace);
  assert.match(latin, /spgov\.decide/);
  assert.doesNotMatch(latin, /not to be sent/);
});
