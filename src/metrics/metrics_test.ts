import assert from "node:assert/strict";
import { createRegistry, formatPrometheus, MAX_SERIES, prometheusName } from "./mod.ts";

const CALLS = { name: "spgov.calls", unit: "{call}", help: "Calls" };
const TOOK = { name: "spgov.call.duration", unit: "s", help: "What calls took" };

Deno.test("names follow OpenTelemetry's rules for Prometheus", () => {
  const named = (name: string, unit: string, kind: "counter" | "gauge" | "histogram") =>
    prometheusName({ name, unit, kind });
  assert.equal(
    named("spgov.decision.duration", "s", "histogram"),
    "spgov_decision_duration_seconds",
  );
  assert.equal(named("process.cpu.time", "s", "counter"), "process_cpu_time_seconds_total");
  assert.equal(named("spgov.heap", "By", "gauge"), "spgov_heap_bytes");
  assert.equal(named("spgov.decisions", "{decision}", "counter"), "spgov_decisions_total");
});

Deno.test("a histogram counts upwards, and each family has one head over all isolates", async () => {
  const registry = createRegistry();
  const took = registry.histogram(TOOK, ["surface"], [0.1, 1]);
  for (const seconds of [0.1, 0.5, 7]) took.record(["mcp"], seconds);
  const families = await registry.families();
  const text = formatPrometheus([{ isolate: "a", families }, { isolate: "b", families }]);
  assert.equal(text.match(/# TYPE/g)?.length, 1);
  assert.deepEqual(text.split("\n").filter((line) => line.includes('isolate="b"')), [
    'spgov_call_duration_seconds_bucket{isolate="b",surface="mcp",le="0.1"} 1',
    'spgov_call_duration_seconds_bucket{isolate="b",surface="mcp",le="1"} 2',
    'spgov_call_duration_seconds_bucket{isolate="b",surface="mcp",le="+Inf"} 3',
    'spgov_call_duration_seconds_sum{isolate="b",surface="mcp"} 7.6',
    'spgov_call_duration_seconds_count{isolate="b",surface="mcp"} 3',
  ]);
});

Deno.test("a duration that is no number, or less than nothing, spoils no sum", async () => {
  const registry = createRegistry();
  const took = registry.histogram(TOOK, [], [1]);
  for (const seconds of [-5000, NaN, Infinity, 2]) took.record([], seconds);
  const text = formatPrometheus([{ isolate: "a", families: await registry.families() }]);
  assert.match(text, /_sum\{isolate="a"\} 2\n/);
  assert.match(text, /_count\{isolate="a"\} 4\n/);
});

Deno.test("a label cannot end its quotes, its line or the text", async () => {
  const registry = createRegistry();
  const calls = registry.counter(CALLS, ["policy"]);
  calls.add(['x"} 1\nspgov_owned{a="\\\r\u0000\u2028\ud800']);
  const text = formatPrometheus([{ isolate: "a", families: await registry.families() }]);
  const lines = text.trimEnd().split(/[\n\r\u2028]/);
  assert.equal(lines.length, 3);
  assert.equal(
    lines[2],
    String.raw`spgov_calls_total{isolate="a",policy="x\"} 1\nspgov_owned{a=\"\\   ` + '\ufffd"} 1',
  );
});

Deno.test("whatever names come, a family keeps a bounded number of bounded series, and counts all", async () => {
  const registry = createRegistry();
  const calls = registry.counter(CALLS, ["policy"]);
  for (let n = 0; n < 10_000; n++) calls.add([`${n}`.padEnd(100_000, "x")]);
  calls.add(["0".padEnd(100_000, "x")]);
  const [family] = await registry.families();
  const points = family?.points ?? [];
  assert.ok(points.length <= MAX_SERIES + 1);
  const longest = Math.max(...points.map(({ labels }) => labels.policy?.length ?? 0));
  assert.ok(longest <= 80, `${longest}`);
  const values = points.map((point) => "value" in point ? point.value : 0);
  assert.equal(values.reduce((sum, value) => sum + value, 0), 10_001);
  const other = points.find(({ labels }) => labels.policy === "other");
  assert.deepEqual(other, { labels: { policy: "other" }, value: 10_000 - MAX_SERIES });
});

Deno.test("a reading that fails is left out, and the others are there", async () => {
  const registry = createRegistry();
  registry.observe("gauge", { ...CALLS, name: "spgov.broken" }, () => {
    throw new Error("not now");
  });
  registry.observe("gauge", { ...CALLS, name: "spgov.whole" }, () => Promise.resolve(7));
  const text = formatPrometheus([{ isolate: "a", families: await registry.families() }]);
  assert.match(text, /^spgov_whole\{isolate="a"\} 7$/m);
  assert.doesNotMatch(text, /broken/);
});
