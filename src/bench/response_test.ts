import assert from "node:assert/strict";
import { createTemplate, SERIAL } from "./request.ts";
import { headerOf, readAnswer, readFrame } from "./response.ts";

const encoder = new TextEncoder();

const LATER = "Retry-After: 2";

function response(
  policy: string | undefined,
  decision: string,
  status = "200 OK",
  ...headers: string[]
): Uint8Array {
  const body = `{"hookSpecificOutput":{"permissionDecision":"${decision}"}}`;
  const lines = [
    `HTTP/1.1 ${status}`,
    "DecisionId: d-1",
    `Content-Length: ${body.length}`,
    ...headers,
  ];
  if (policy !== undefined) lines.push(`policy: ${policy}`);
  return encoder.encode(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function outcome(
  policy: string | undefined,
  decision: string,
  status?: string,
  ...headers: string[]
): string {
  const frame = readFrame(response(policy, decision, status, ...headers));
  assert.ok(frame);
  return readAnswer(frame).outcome;
}

Deno.test("a response is read once it is complete and no byte earlier", () => {
  const bytes = response("default_allow", "allow");
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(readFrame(bytes.subarray(0, length)), undefined, `${length} bytes`);
  }
  assert.equal(readFrame(bytes)?.length, bytes.length);
});

Deno.test("what follows a response is not part of it", () => {
  const bytes = response("default_allow", "allow");
  const two = new Uint8Array([...bytes, ...bytes]);
  assert.equal(readFrame(two)?.length, bytes.length);
});

Deno.test("a chunked response ends with its empty chunk", () => {
  const text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\r\n}\r\n0\r\n\r\n";
  const bytes = encoder.encode(text);
  assert.equal(readFrame(bytes.subarray(0, bytes.length - 3)), undefined);
  assert.equal(readFrame(bytes)?.length, bytes.length);
});

Deno.test("header names are found in any case, values of other headers are not mistaken for them", () => {
  const head = "HTTP/1.1 200 OK\r\nX-Policy: a\r\nPOLICY:  b \r\n";
  assert.equal(headerOf(head, "policy"), "b");
  assert.equal(headerOf(head, "olicy"), undefined);
});

Deno.test("answers are told apart by policy and decision", () => {
  assert.equal(outcome("default_allow", "allow"), "allow");
  assert.equal(outcome("policy:night_shift", "allow"), "allow");
  assert.equal(outcome("secret_detection", "deny"), "deny");
  assert.equal(outcome("rate_limit", "deny"), "limited");
  assert.equal(outcome("audit_unavailable", "deny", "200 OK", LATER), "unavailable");
});

Deno.test("an answer that contradicts itself is an error", () => {
  assert.equal(outcome("audit_unavailable", "allow", "200 OK", LATER), "error");
  assert.equal(outcome("audit_unavailable", "deny"), "error", "without Retry-After");
  assert.equal(outcome("rate_limit", "allow"), "error");
  assert.equal(outcome(undefined, "allow"), "error");
  assert.equal(outcome("default_allow", "ask"), "error");
  assert.equal(outcome("default_allow", "allow", "503 Service Unavailable"), "error");
});

Deno.test("every request of a template carries its own number in each place", () => {
  const template = createTemplate({
    host: "h",
    path: "/p",
    token: "t0000",
    body: `{"a":"x${SERIAL}","b":"${SERIAL}y"}`,
  });
  const text = (serial: number) => new TextDecoder().decode(template.at(serial));
  assert.ok(text(42).endsWith('{"a":"x0000000042","b":"0000000042y"}'));
  assert.ok(text(1_234_567_890).endsWith('{"a":"x1234567890","b":"1234567890y"}'));
  assert.ok(text(0).includes("authorization: Bearer t0000\r\n"));
  assert.equal(headerOf(text(1), "content-length"), "37");
});
