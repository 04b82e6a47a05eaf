/** The whole service with a collector: nothing is sent unless it is named, and then what the conventions say. */
import assert from "node:assert/strict";
import { editProfile, faultTest } from "../support/fault_service.ts";
import { startOtlpReceiver } from "../support/otlp_receiver.ts";
import { startService, type TestService } from "../support/service.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALL = {
  hook_event_name: "PreToolUse",
  session_id: "claimed",
  tool_name: "Read",
  tool_use_id: "toolu_1",
  tool_input: { file_path: "/tmp/notes" },
};

let service: TestService;
const receiver = startOtlpReceiver();
Deno.test.beforeAll(async () => {
  service = await startService({
    gateways: 1,
    async prepare(home) {
      await Deno.writeTextFile(`${home}/collector.token`, "secret-of-the-collector\n");
    },
  });
});
Deno.test.afterAll(async () => {
  await service?.stop();
  await receiver[Symbol.asyncDispose]();
});

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; !await condition();) {
    if (performance.now() > end) assert.fail(`in vain: ${what}\n${service.logs()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function configure(more: string): Promise<void> {
  await editProfile(service.home, (text) => `${text.replace(/\ntelemetry:[^]*$/, "\n")}${more}`);
}

faultTest("nothing is sent, and no isolate may, until a collector is named", async () => {
  const { stdout } = await service.cli("infra", "services", "permissions", "--json");
  const { telemetry } = JSON.parse(stdout).data.isolates;
  assert.deepEqual(telemetry.net, []);
  await service.govern(await service.token(), CALL);
  assert.deepEqual(receiver.requests, []);
  assert.doesNotMatch(await (await fetch(`${service.url}/metrics`)).text(), /telemetry/);
});

faultTest("a collector that is named while the service runs gets traces and metrics", async () => {
  await configure(
    `\ntelemetry: { otlp: { endpoint: "${receiver.url}", protocol: http/json, metrics_every: 1, ` +
      "token_file: collector.token } }\n",
  );
  await until("metrics", () => receiver.metrics().size > 0);
  const token = await service.token();
  const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
  await service.govern(token, CALL, { traceparent });
  const run = await service.cli(
    ...["plugins", "mcp", "call", "demo-files", "read_file", "--args", '{"path":"README.md"}'],
  );
  assert.equal(run.code, 0, run.stderr);
  await until("the spans of both", () => receiver.spans().length >= 3);
  const spans = receiver.spans();
  const decided = spans.find(({ traceId }) => traceId === TRACE);
  assert.equal(decided?.name, "spgov.decide");
  const mcp = spans.find(({ name }) => name === "tools/call read_file");
  assert.equal(mcp?.attributes["mcp.method.name"], "tools/call");
  assert.equal(mcp?.attributes["gen_ai.operation.name"], "execute_tool");
  assert.ok(spans.some(({ parentSpanId }) => parentSpanId === mcp?.spanId), "its decision");
  const { headers } = receiver.requests[0] ?? {};
  assert.equal(headers?.get("authorization"), "Bearer secret-of-the-collector");

  await until("metrics with both calls", () => {
    const points = receiver.metrics().get("spgov.decisions")?.points ?? [];
    return points.reduce((sum, { asDouble }) => sum + asDouble, 0) >= 3;
  });
  const metrics = receiver.metrics();
  const decisions = metrics.get("spgov.decisions");
  assert.deepEqual([decisions?.isMonotonic, decisions?.aggregationTemporality], [true, 2]);
  const operations = metrics.get("mcp.server.operation.duration");
  assert.equal(operations?.unit, "s");
  const read = operations?.points.find(({ attributes }) =>
    attributes["gen_ai.tool.name"] === "read_file"
  );
  assert.equal(Number(read?.count), 1);
  assert.deepEqual(read?.explicitBounds, [
    ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
  ]);
  assert.ok(metrics.has("process.memory.usage"));
  const text = await (await fetch(`${service.url}/metrics`)).text();
  assert.match(text, /spgov_telemetry_spans_total\{isolate="telemetry",result="sent"\} [1-9]/);
});

faultTest("its isolate may reach the collector and the database, and nothing else", async () => {
  const { stdout } = await service.cli("infra", "services", "permissions", "--json");
  const { telemetry } = JSON.parse(stdout).data.isolates;
  assert.equal(telemetry.net.length, 2, telemetry.net.join());
  assert.ok(telemetry.net.includes(new URL(receiver.url).host));
  assert.deepEqual([telemetry.env, telemetry.run], [[], []]);
});

faultTest(
  "a profile with an address that holds a credential is refused, and the one before stays",
  async () => {
    const before = receiver.requests.length;
    await configure(`\ntelemetry: { otlp: { endpoint: "http://user:pw@127.0.0.1:1" } }\n`);
    const { code, stdout } = await service.cli("admin", "config", "validate", "--json");
    assert.equal(code, 5, stdout);
    assert.doesNotMatch(stdout, /user:pw/);
    await until("it goes on", () => receiver.requests.length > before);
  },
);

faultTest("without it nothing is sent any more, and calls are decided as before", async () => {
  await configure("");
  await until("its isolate is gone", async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return !text.includes('isolate="telemetry"');
  });
  const sent = receiver.requests.length;
  const { body } = await service.govern(await service.token(), CALL);
  assert.equal(body.hookSpecificOutput.permissionDecision, "allow");
  assert.equal(receiver.requests.length, sent);
});
