import assert from "node:assert/strict";
import { createSecretScanner, secretsConfig } from "../../src/governance/mod.ts";
import { PREFIX_RULES } from "../../src/governance/secrets/rules/catalog.ts";

const scanner = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("test key"));
const HOSTILE = [
  "eyJ",
  "eyJ.",
  "key",
  "key=",
  'token="',
  "AKIA",
  "ghp_",
  "sk-",
  "://",
  "://a:b@",
  "=",
  '"',
  "' + '",
  "\n",
  "a\nb",
  "/",
  "1/",
  "1|",
  "%41",
  "%2541",
  "\\u0041",
  "\\",
  "&#65;",
  "\u200b",
  "ｇ",
  "а",
  "-----BEGIN PRIVATE KEY-----",
  "kind: Secret\ndata:\n a: b\n",
  " -u a:b",
  "password is ",
  "A",
  "T3BlbkFJ",
  "PuTTY-User-Key-File-2: ",
  "docker login ",
  "0.",
  "<a>",
];

function stepsOf(unit: string, size: number): { steps: number; exhausted: boolean } {
  return scanner.scan({ v: unit.repeat(Math.ceil(size / unit.length)).slice(0, size) }, "$");
}

Deno.test("the steps of hostile texts grow with their size, not faster", () => {
  for (const unit of HOSTILE) {
    const small = stepsOf(unit, 20_000);
    const large = stepsOf(unit, 160_000);
    if (large.exhausted) continue;
    assert.ok(
      large.steps <= small.steps * 8 * 1.3 + 20_000,
      `${JSON.stringify(unit)}: ${small.steps} then ${large.steps}`,
    );
    assert.ok(large.steps <= 160_000 * 100, `${JSON.stringify(unit)}: ${large.steps}`);
  }
});

Deno.test("no built-in expression has an unbounded repetition", () => {
  for (const rule of PREFIX_RULES) {
    const bare = rule.expression.source.replace(/\\./g, "e").replace(/\[(?:[^\]])*\]/g, "c");
    assert.ok(!/[*]|(?<!\()\+|\{\d+,\}/.test(bare), `${rule.kind}: ${rule.expression.source}`);
    assert.ok(rule.expression.sticky, rule.kind);
  }
});

Deno.test("too large, too deep or too many characters is exhausted, never a quiet pass", () => {
  assert.equal(scanner.scan({ v: "a ".repeat(5_000_000) }, "$").exhausted, true);
  assert.equal(
    scanner.scan({ v: Array.from({ length: 200 }, () => "a ".repeat(10_000)) }, "$").exhausted,
    true,
  );
  let deep: unknown = "leaf";
  for (let i = 0; i < 65; i++) deep = [deep];
  assert.equal(scanner.scan(deep, "$").exhausted, true);
  for (let i = 0; i < 10_000; i++) deep = { deep };
  assert.equal(scanner.scan(deep, "$").exhausted, true);
  assert.equal(scanner.scan({ v: "plain words ".repeat(80_000) }, "$").exhausted, false);
});

Deno.test("nesting of 60 levels is within the limit and still scanned", () => {
  let deep: unknown = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  for (let i = 0; i < 60; i++) deep = [deep];
  const { findings, exhausted } = scanner.scan(deep, "$");
  assert.deepEqual([findings.length, exhausted], [1, false]);
});

Deno.test("redact replaces whatever was not scanned", () => {
  const token = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const { value } = scanner.redact({ big: "a ".repeat(600_000), after: token }, "$");
  assert.ok(!JSON.stringify(value).includes(token));
  let deep: unknown = token;
  for (let i = 0; i < 80; i++) deep = [deep];
  assert.ok(!JSON.stringify(scanner.redact(deep, "$").value).includes(token));
});

Deno.test("no input makes it throw", () => {
  const inputs: unknown[] = [
    undefined,
    null,
    true,
    NaN,
    Infinity,
    10n,
    "",
    "\ud800",
    "\udc00ghp_\ud800",
    "\u0000",
    [],
    {},
    [undefined],
    () => 1,
    Symbol("x"),
    JSON.parse('{"__proto__": {"password": "hunter2-x9"}, "constructor": "a", "toString": 1}'),
    { password: 123456789, token: null, secret: [1, "", {}] },
    "%",
    "%4",
    "%zz",
    "\\",
    "\\u",
    "\\u00",
    "\\u{110000}",
    "\\U99999999",
    "&#99999999;",
    "&#x110000;",
    "eyJ.eyJ.",
    "eyJhbGciOiJub25lIn0..",
    "-----BEGIN PRIVATE KEY-----",
    "://@",
    "a://:@",
    "[redacted:",
    "[redacted:a:1:0]",
    "data:",
    "kind: Secret data:",
    "\u{1d400}\ud835",
    "=".repeat(50),
  ];
  for (const input of inputs) {
    for (
      const shaped of [input, { v: input }, [input, input], {
        password: input,
        token: input,
        authorization: input,
      }]
    ) {
      scanner.scan(shaped, "$");
      scanner.redact(shaped, "$");
    }
  }
});

Deno.test("redacting __proto__ keeps it an ordinary key", () => {
  const { value } = scanner.redact(JSON.parse('{"__proto__": {"password": "hunter2-x9"}}'), "$");
  assert.deepEqual(Object.keys(value as object), ["__proto__"]);
  assert.ok(!JSON.stringify(value).includes("hunter2"));
  assert.equal(({} as { password?: string }).password, undefined);
});

Deno.test("a cut through a surrogate pair is not made by redaction", () => {
  const token = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const { value } = scanner.redact({ v: `😀${token}😀` }, "$");
  assert.match((value as { v: string }).v, /^😀\[redacted:[^\]]+\]😀$/);
  assert.ok((value as { v: string }).v.isWellFormed());
});

Deno.test("a call full of credentials is refused by the first ones, and nothing of it is kept", () => {
  const tokens = Array.from({ length: 5000 }, (_, i) => `ghp_${"k3Jd8sPq2Lm9".repeat(3)}${i}`)
    .map((token) => `ghp_${token.slice(-36)}`);
  const shapes = [
    tokens.join(" "),
    tokens,
    Object.fromEntries(tokens.map((token) => [token, 1])),
    { password: tokens.map((_, i) => `Zx9-hunter${i}-qW`) },
  ];
  for (const input of shapes) {
    const { findings, exhausted } = scanner.scan(input, "$");
    assert.ok(exhausted && findings.length > 0 && findings.length <= 2000, `${findings.length}`);
    const kept = JSON.stringify(scanner.redact(input, "$").value);
    assert.ok(!/ghp_|hunter/.test(kept));
  }
});
