import assert from "node:assert/strict";
import { createSecretScanner, type SecretScan, secretsConfig } from "../../src/governance/mod.ts";
import { type Case, evasions, negatives, positives } from "../corpus/secrets/mod.ts";

const scanner = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("test key"));

/** True when no piece of six characters of the credential's random part shows in the report. */
function hidesValue(each: Case, scan: SecretScan): boolean {
  const report = JSON.stringify(scan.findings);
  const tail = each.secret.slice(-12);
  return !report.includes(each.secret) &&
    !(tail.length === 12 && /\d/.test(tail) && report.includes(tail));
}

function shareFound(cases: readonly Case[]): number {
  return cases.filter((each) => scanner.scan(each.input, "$").findings.length > 0).length /
    cases.length;
}

Deno.test("the catalogue has at least 100 kinds of at least 60 providers, each named once", () => {
  const names = scanner.kinds.map((kind) => kind.kind);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 400, String(names.length));
  assert.ok(new Set(scanner.kinds.map((kind) => kind.provider)).size >= 200);
});

Deno.test("the corpus is large and covers every kind three times or more", () => {
  const counts = new Map<string, number>();
  for (const each of positives()) counts.set(each.kind, (counts.get(each.kind) ?? 0) + 1);
  const thin = scanner.kinds.filter((kind) => (counts.get(kind.kind) ?? 0) < 3).map((kind) =>
    kind.kind
  );
  assert.deepEqual(thin, []);
  assert.ok(positives().length >= 1500);
  assert.ok(negatives().length >= 800);
  assert.ok(evasions().length >= 200);
});

Deno.test("recall is at least 99 % over all kinds and never below 3 of 4 in one", () => {
  const byKind = Map.groupBy(positives(), (each) => each.kind);
  assert.ok(shareFound(positives()) >= 0.99);
  const weak = [...byKind].filter(([, cases]) => shareFound(cases) < 0.7).map(([kind]) => kind);
  assert.deepEqual(weak, []);
});

Deno.test("every evasion technique is seen through", () => {
  const missed = evasions().filter((each) => scanner.scan(each.input, "$").findings.length === 0);
  assert.deepEqual(missed.map((each) => `${each.kind}: ${each.variant}`), []);
});

Deno.test("a report never shows the credential, wherever it was found", () => {
  for (const each of [...positives(), ...evasions()]) {
    assert.ok(hidesValue(each, scanner.scan(each.input, "$")), `${each.kind} in ${each.variant}`);
  }
});

Deno.test("a redacted value has no credential left, and nothing else is lost", () => {
  for (const each of [...positives(), ...evasions()]) {
    const { value, findings } = scanner.redact(each.input, "$");
    if (findings.length === 0) continue;
    assert.deepEqual(scanner.scan(value, "$").findings, [], `${each.kind} in ${each.variant}`);
    assert.ok(!JSON.stringify(value).includes(JSON.stringify(each.secret).slice(1, -1)));
  }
  const { value } = scanner.redact({
    a: `x ghp_${"k3Jd8sPq2Lm9".repeat(3)} y`,
    n: 1,
    deep: [null, true],
  }, "$");
  assert.match(
    JSON.stringify(value),
    /^\{"a":"x \[redacted:github_pat:40:[0-9a-f]{16}\] y","n":1,"deep":\[null,true\]\}$/,
  );
});

Deno.test("the fingerprint is the same for one value in any encoding, and depends on the key", () => {
  const token = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const other = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("another"));
  const plain = scanner.scan({ v: token }, "$").findings[0];
  const encoded = scanner.scan({ v: btoa(token) }, "$").findings[0];
  assert.equal(plain?.fingerprint, encoded?.fingerprint);
  assert.deepEqual(encoded?.encoding, ["base64"]);
  assert.notEqual(plain?.fingerprint, other.scan({ v: token }, "$").findings[0]?.fingerprint);
});

Deno.test("a finding says where: nested keys, odd keys, indexes, and the name of a key", () => {
  const token = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const path = (value: unknown) =>
    scanner.scan(value, "$.tool_input").findings.map((each) => each.path);
  assert.deepEqual(path({ env: { "api.key": token } }), ['$.tool_input.env["api.key"]']);
  assert.deepEqual(path({ list: [1, { v: token }] }), ["$.tool_input.list[1].v"]);
  assert.match(
    path({ [token]: 1 })[0] ?? "",
    /^\$\.tool_input\["\[redacted:github_pat:40:[0-9a-f]{16}\]"\]~key$/,
  );
  assert.ok(!(path({ [token]: { password: "hunter2-x9" } })[1] ?? token).includes(token));
});
