import assert from "node:assert/strict";
import {
  type BundleReport,
  exportBundle,
  exportRows,
  verifyBundle,
  type VerifyBundleOptions,
} from "../../src/audit/mod.ts";
import type { BundlePosition, ExportOptions } from "../../src/audit/mod.ts";
import { createSigningKey } from "../../src/audit/signing.ts";
import { canonicalJson } from "../../src/kernel/canonical_json.ts";
import { type AuditFixture, CLI, createAuditFixture, fill, GATEWAY, KEY } from "./audit_fixture.ts";

let audit: AuditFixture;
let middle: Date;

Deno.test.beforeAll(async () => {
  audit = await createAuditFixture();
  await fill(audit.sql, GATEWAY, 20);
  await fill(audit.sql, CLI, 3, 1);
  await audit.sealer.sealAll();
  await new Promise((resolve) => setTimeout(resolve, 5));
  middle = new Date();
  await fill(audit.sql, GATEWAY, 8, 4, { sessionId: "session-2" });
  await audit.sealer.sealAll();
  await fill(audit.sql, GATEWAY, 3);
});

Deno.test.afterAll(async () => await audit?.[Symbol.asyncDispose]());

async function bundle(filter: Partial<ExportOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  const options = { now: Date.now(), publicKeys: { [KEY.keyId]: KEY.publicKey }, ...filter };
  await audit.sql.begin(
    "isolation level repeatable read",
    (sql) => exportBundle(sql, options, (line) => void lines.push(line.slice(0, -1))),
  );
  return lines;
}

async function check(
  lines: readonly string[],
  options: VerifyBundleOptions = {},
): Promise<BundleReport> {
  return await verifyBundle(
    (async function* () {
      yield* lines;
    })(),
    options,
  );
}

Deno.test("a bundle of the whole log verifies by itself and leaves out what no seal covers", async () => {
  const report = await check(await bundle(), { pin: KEY.keyId });
  assert.deepEqual(report.findings, []);
  assert.deepEqual([report.rows, report.seals], [31, 3]);
  assert.deepEqual(report.keyIds, [KEY.keyId]);
});

Deno.test("a bundle of a session shows that session's rows and nothing of others", async () => {
  const lines = await bundle({ session: "session-2" });
  const report = await check(lines);
  assert.deepEqual(report.findings, []);
  assert.equal(report.rows, 8);
  assert.ok(!lines.join("\n").includes("session-1"));
});

Deno.test("a bundle of a period begins and ends with a seal", async () => {
  const lines = await bundle({ since: middle });
  const report = await check(lines);
  assert.deepEqual(report.findings, []);
  assert.equal(report.rows, 8);
});

Deno.test("an empty selection is not found", async () => {
  await assert.rejects(bundle({ since: new Date(Date.now() + 60_000) }), /nothing to export/);
  await assert.rejects(bundle({ session: "nobody" }), /no rows/);
});

Deno.test("a bundle of another key does not pass for ours", async () => {
  const other = createSigningKey(new Uint8Array(32).fill(1));
  const report = await check(await bundle(), { pin: other.keyId });
  assert.equal(report.ok, false);
  assert.deepEqual(report.keyIds, []);
  assert.match(report.findings[0]?.what ?? "", /not known/);
});

Deno.test("every line of a bundle that is changed, removed, doubled or moved is noticed", async () => {
  const lines = await bundle();
  for (const index of lines.keys()) {
    const without = lines.toSpliced(index, 1);
    assert.equal((await check(without)).ok, false, `line ${index + 1} removed`);
    const doubled = lines.toSpliced(index, 0, lines[index] ?? "");
    assert.equal((await check(doubled)).ok, false, `line ${index + 1} doubled`);
    if (index === 0 || index === lines.length - 1) continue;
    const moved = lines.toSpliced(index, 2, lines[index + 1] ?? "", lines[index] ?? "");
    assert.equal((await check(moved)).ok, false, `line ${index + 1} moved`);
  }
});

/** Every way to change one scalar of a JSON value. */
function* mutations(value: unknown): Generator<unknown> {
  if (typeof value === "string") {
    yield value.startsWith("A") ? "B" + value.slice(1) : "A" + value.slice(1);
  }
  if (typeof value === "number") yield value === 0 ? 1 : value / 2;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      for (const next of mutations(item)) yield value.with(i, next);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      for (const next of mutations(member)) yield { ...value, [key]: next };
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      yield rest;
    }
  }
}

Deno.test("every single value of a bundle counts, its own header's remarks aside", async () => {
  const lines = await bundle({ session: "session-2" });
  let tried = 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    for (const value of mutations(JSON.parse(line))) {
      const changed = lines.with(index, canonicalJson(value));
      assert.equal((await check(changed)).ok, false, `${line} became ${canonicalJson(value)}`);
      tried++;
    }
  }
  assert.ok(tried > 300);
});

Deno.test("a line that says a member twice, or is written otherwise, is refused", async () => {
  const lines = await bundle();
  const index = lines.findIndex((line) => line.startsWith('{"row"'));
  const line = lines[index] ?? "";
  for (const bad of [line.replace("{", '{"row":{"n":1},'), line.replace(":", ": "), line + " "]) {
    assert.equal((await check(lines.with(index, bad))).ok, false);
  }
});

Deno.test("rows are exported as lines, oldest first", async () => {
  const lines: string[] = [];
  const count = await exportRows(audit.sql, {}, (line) => void lines.push(line));
  assert.equal(count, 34);
  const ids = lines.map((line) => JSON.parse(line).id);
  assert.deepEqual(ids, ids.toSorted());
  assert.equal(new Set(ids).size, 34);
  const some: string[] = [];
  await exportRows(audit.sql, { session: "session-2" }, (line) => void some.push(line));
  assert.equal(some.length, 8);
});

Deno.test("an export that ended early goes on at any of its positions, and comes to the same bundle", async () => {
  const whole = await bundle();
  const positions: { readonly position: BundlePosition; readonly lines: number }[] = [];
  const lines: string[] = [];
  const options = { now: 0, publicKeys: { [KEY.keyId]: KEY.publicKey } };
  const read = (more: Partial<ExportOptions>, write: (line: string) => void) =>
    audit.sql.begin(
      "isolation level repeatable read read only",
      (sql) => exportBundle(sql, { ...options, ...more }, write),
    );
  await read({
    onPosition: (position) =>
      void positions.push({ position: structuredClone(position), lines: lines.length }),
  }, (line) => void lines.push(line));
  assert.ok(positions.length > 1);
  for (const { position, lines: count } of positions) {
    const resumed = lines.slice(0, count);
    const resume = JSON.parse(JSON.stringify(position));
    await read({ resume }, (line) => void resumed.push(line));
    assert.deepEqual(resumed, lines);
  }
  assert.equal(whole.length, lines.length);
});
