import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { OPERATOR_ID } from "../../src/identity/mod.ts";
import { faultTest } from "../support/fault_service.ts";
import { sendRaw, statusesOf } from "../support/raw_http.ts";
import { startService, type TestService } from "../support/service.ts";
import { type Changes, changesOf } from "../support/watch.ts";

let service: TestService;
let token: string;
Deno.test.beforeAll(async () => {
  service = await startService();
  token = await service.token();
  await service.govern(token, call("{}"));
});
Deno.test.afterAll(() => service.stop());

const encoder = new TextEncoder();

/** A call with the given arguments and extra fields, as JSON text. */
function call(input: string, extra = ""): string {
  return `{"hook_event_name":"PreToolUse","session_id":"s","tool_name":"Read","tool_use_id":"t",` +
    `"tool_input":${input}${extra}}`;
}

interface Hostile {
  readonly name: string;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Record<string, string>;
  /** The rule that refuses it; allowed when there is none. */
  readonly rule?: string;
}

function bytes(...parts: (string | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((p) => typeof p === "string" ? [...encoder.encode(p)] : [...p]);
  return Uint8Array.from(chunks.flat());
}

function streamOf(text: string, pieces: number): ReadableStream<Uint8Array> {
  const all = encoder.encode(text);
  const size = Math.ceil(all.length / pieces);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < all.length; at += size) controller.enqueue(all.slice(at, at + size));
      controller.close();
    },
  });
}

const CASES: readonly Hostile[] = [
  { name: "nothing", body: "", rule: "empty_body" },
  { name: "half an object", body: call("{}").slice(0, -7), rule: "invalid_json" },
  { name: "text after the object", body: call("{}") + "{}", rule: "invalid_json" },
  { name: "a comment", body: call("{}/**/"), rule: "invalid_json" },
  { name: "10 MB", body: call(`{"a":"${"x".repeat(10_000_000)}"}`), rule: "body_too_large" },
  {
    name: "10 MB of unknown length",
    body: streamOf(call(`{"a":"${"x".repeat(10_000_000)}"}`), 40),
    rule: "body_too_large",
  },
  {
    name: "10,000 levels of arrays",
    body: call("[".repeat(10_000) + "]".repeat(10_000)),
    rule: "too_deep",
  },
  {
    name: "10,000 levels of objects",
    body: call(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`),
    rule: "too_deep",
  },
  { name: "a million open brackets", body: "[".repeat(1_000_000), rule: "invalid_json" },
  { name: "a key twice", body: call(`{"a":1,"a":2}`), rule: "duplicate_key" },
  {
    name: "the event twice",
    body: call("{}", `,"hook_event_name":"SessionStart"`),
    rule: "duplicate_key",
  },
  {
    name: "a key twice, once escaped",
    body: call(String.raw`{"a":1,"\u0061":2}`),
    rule: "duplicate_key",
  },
  { name: "1e999", body: call(`{"a":1e999}`), rule: "number_out_of_range" },
  { name: "-1e999", body: call(`{"a":[-1e999]}`), rule: "number_out_of_range" },
  { name: "NaN", body: call(`{"a":NaN}`), rule: "invalid_json" },
  {
    name: "a number of 400 digits",
    body: call(`{"a":${"9".repeat(400)}}`),
    rule: "number_out_of_range",
  },
  { name: "many digits of one number", body: call(`{"a":0.${"1".repeat(400)}}`) },
  { name: "invalid UTF-8", body: bytes(`{"a":"`, [0xc3, 0x28], `"}`), rule: "invalid_utf8" },
  { name: "an overlong slash", body: bytes(`{"a":"`, [0xc0, 0xaf], `"}`), rule: "invalid_utf8" },
  {
    name: "a surrogate in UTF-8",
    body: bytes(`{"a":"`, [0xed, 0xa0, 0x80], `"}`),
    rule: "invalid_utf8",
  },
  { name: "UTF-16", body: bytes([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), rule: "invalid_utf8" },
  { name: "a byte order mark", body: bytes([0xef, 0xbb, 0xbf], call("{}")), rule: "invalid_json" },
  { name: "NUL as it is", body: bytes(`{"a":"`, [0], `"}`), rule: "invalid_json" },
  { name: "NUL, escaped", body: call(String.raw`{"a":"\u0000"}`) },
  { name: "a lone surrogate, escaped", body: call(String.raw`{"a":"\ud800"}`) },
  { name: "__proto__ in the arguments", body: call(`{"__proto__":{"toString":"x"}}`) },
  { name: "constructor in the arguments", body: call(`{"constructor":{"prototype":{"a":1}}}`) },
  { name: "__proto__ beside the arguments", body: call("{}", `,"__proto__":{"agent_id":"x"}`) },
  {
    name: "the event inside __proto__",
    body: `{"__proto__":${call("{}")}}`,
    rule: "missing_event",
  },
  { name: "an array", body: `[${call("{}")}]`, rule: "invalid_body" },
  { name: "null", body: "null", rule: "invalid_body" },
  { name: "a text", body: `"PreToolUse"`, rule: "invalid_body" },
  { name: "a number", body: "42", rule: "invalid_body" },
  { name: "an unknown event", body: `{"hook_event_name":"PreTooluse"}`, rule: "unknown_event" },
  {
    name: "an event that is no text",
    body: `{"hook_event_name":["PreToolUse"]}`,
    rule: "unknown_event",
  },
  { name: "another content type", body: call("{}"), headers: { "content-type": "text/plain" } },
  {
    name: "a form",
    body: "hook_event_name=PreToolUse",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    rule: "invalid_json",
  },
  { name: "no length", body: streamOf(call("{}"), 5) },
  {
    name: "gzip",
    body: Uint8Array.from(gzipSync(call("{}"))),
    headers: { "content-encoding": "gzip" },
    rule: "invalid_utf8",
  },
];

async function send({ body, headers }: Hostile): Promise<Response> {
  return await fetch(`${service.url}/api/public/hooks/govern`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body,
  });
}

function checkOneRow(
  { rows, others }: Changes,
  response: Response,
  rule: string | undefined,
): void {
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.equal(row?.kind, "decision");
  assert.equal(row?.id, response.headers.get("decisionId"));
  assert.equal(row?.userId, OPERATOR_ID);
  assert.equal(row?.decision, rule === undefined ? "allow" : "deny");
  if (rule !== undefined) assert.equal(row?.policy, "invalid_request");
  assert.deepEqual(others, []);
}

for (const hostile of CASES) {
  const { name, rule } = hostile;
  faultTest(
    `body: ${name} is ${rule === undefined ? "allowed" : "denied"}, with one row`,
    async () => {
      const [response, changes] = await changesOf(service, () => send(hostile));
      const body = await response.json();
      assert.equal(response.status, 200);
      const expected = rule === undefined ? "allow" : "deny";
      assert.equal(body.hookSpecificOutput?.permissionDecision, expected, JSON.stringify(body));
      checkOneRow(changes, response, rule);
      const used = Object.values(changes.windows);
      assert.deepEqual(used, rule === undefined ? [1] : [], "limits");
      if (rule !== undefined) assert.equal(changes.rows[0]?.detail.rule, rule);
    },
  );
}

faultTest(
  "body: one that ends before its length is recorded as a denial or not at all",
  async () => {
    const text = call("{}");
    const head =
      `POST /api/public/hooks/govern HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${text.length + 50}\r\n\r\n`;
    const [answer, { rows }] = await changesOf(
      service,
      () => sendRaw(service.port, [head, text], { halfClose: true }),
    );
    assert.ok(rows.every(({ decision }) => decision === "deny"), JSON.stringify(rows));
    assert.doesNotMatch(answer, /"allow"/);
    assert.ok(statusesOf(answer).every((status) => status === 200 || status === 400));
  },
);

faultTest("body: what objects inherit is untouched afterwards", async () => {
  const { body } = await service.govern(token, call("{}"));
  assert.equal(body.hookSpecificOutput.permissionDecision, "allow");
  const { code } = await service.cli("infra", "logs", "verify", "--json");
  assert.equal(code, 0);
});
