import assert from "node:assert/strict";
import { type ParsedBody, parseJson, readJsonBody } from "./json_body.ts";

function parse(text: string): ParsedBody {
  return parseJson(new TextEncoder().encode(text));
}

function ruleOf(parsed: ParsedBody): string {
  return parsed.ok ? "ok" : parsed.problem.rule;
}

const CASES = [
  ["{}", "ok"],
  [' { "a" : [ 1.50, "x\\"}" ] } ', "ok"],
  ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', "ok"],
  ['{"a":1,"a":2}', "duplicate_key"],
  ['{"x":{"a":1, "\\u0061":2}}', "duplicate_key"],
  ['{"__proto__":1,"__proto__":2}', "duplicate_key"],
  ['{"a":"\\"a\\":1","b":2}', "ok"],
  ['{"n":1e400}', "number_out_of_range"],
  ['{"n":-1e400}', "number_out_of_range"],
  ['{"n":9007199254740993}', "ok"],
  ['{"n":', "invalid_json"],
  ["{'a':1}", "invalid_json"],
  ['{"a":1}x', "invalid_json"],
  ["\ufeff{}", "invalid_json"],
  ["", "empty_body"],
  ["[".repeat(64) + "]".repeat(64), "ok"],
  ["[".repeat(65) + "]".repeat(65), "too_deep"],
  ["[".repeat(10_000) + "]".repeat(10_000), "too_deep"],
  ['"' + "[".repeat(100) + '"', "ok"],
  ['{"a":"\\\\","b":"[[["}', "ok"],
] as const;

CASES.forEach(([text, expected], index) => {
  Deno.test(`parseJson() of case ${index}, ${text.slice(0, 24)}, is ${expected}`, () => {
    assert.equal(ruleOf(parse(text)), expected);
  });
});

Deno.test("parseJson() keeps __proto__ as a member of its own", () => {
  const parsed = parse('{"__proto__":{"admin":true}}');
  assert.ok(parsed.ok);
  assert.equal(Object.hasOwn(Object(parsed.value), "__proto__"), true);
  assert.equal((parsed.value as { admin?: boolean }).admin, undefined);
});

Deno.test("parseJson() refuses bytes that are not UTF-8", () => {
  assert.equal(ruleOf(parseJson(new Uint8Array([0x22, 0xff, 0x22]))), "invalid_utf8");
  assert.equal(ruleOf(parseJson(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))), "invalid_utf8");
});

Deno.test("readJsonBody() stops at the limit, declared or not", async () => {
  const url = "http://x/";
  const big = "x".repeat(2000);
  const declared = new Request(url, {
    method: "POST",
    body: big,
    headers: { "content-length": "2000" },
  });
  assert.equal(ruleOf(await readJsonBody(declared, 1000)), "body_too_large");
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(100));
    },
  });
  const chunked = new Request(url, { method: "POST", body: endless });
  assert.equal(ruleOf(await readJsonBody(chunked, 1000)), "body_too_large");
  assert.ok(pulled < 20);
});
