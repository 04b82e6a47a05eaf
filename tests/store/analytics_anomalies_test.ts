/** What a scan counts, flags, keeps and tells, from a real audit. */
import assert from "node:assert/strict";
import {
  type Anomaly,
  type AnomalyRules,
  HOUR_MS,
  listAnomalies,
  MAX_SUBJECTS,
  scanAnomalies,
  type ScanResult,
} from "../../src/analytics/mod.ts";
import { appendRows, type AuditRow, ensurePartitions } from "../../src/audit/mod.ts";
import type { Pool } from "../../src/db/mod.ts";
import { createLog } from "../../src/kernel/log.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createAuditFixture, decision, GATEWAY, INSTANCE } from "./audit_fixture.ts";

const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const RULES: AnomalyRules = {
  windowHours: 168,
  minSamples: 8,
  warning: 2,
  critical: 3,
  least: { calls: 10, denied: 5, failed: 5, cost_microdollars: 1_000_000 },
};
const MINUTE = 60_000;

function scan(
  sql: Pool,
  now: number,
  rules: AnomalyRules = RULES,
  signal: AbortSignal = new AbortController().signal,
): Promise<ScanResult> {
  const log = createLog({ module: "test", write: () => {} });
  const clock = { now: () => now, monotonic: () => performance.now() };
  const context = { sql, clock, log, writer: `${INSTANCE}/jobs`, signal, progress: () => {} };
  return scanAnomalies(context, { rules, keepDays: 90 });
}

/** Calls spread over an hour, `ago` hours before the one that begins now. */
async function addCalls(
  sql: Pool,
  ago: number,
  count: number,
  over: Partial<AuditRow> = {},
): Promise<void> {
  const rows = Array.from({ length: count }, (_, n) => {
    const createdAt = NOW - ago * HOUR_MS + Math.floor(n * HOUR_MS / count);
    return decision({ createdAt, id: uuidV7(createdAt), detail: {}, costMicrodollars: 0, ...over });
  });
  for (let at = 0; at < rows.length; at += 250) {
    await appendRows(sql, GATEWAY, rows.slice(at, at + 250));
  }
}

function brief({ subjectKind, subject, measure, severity, value, baseline, samples }: Anomaly) {
  return { subjectKind, subject, measure, severity, value, baseline, samples };
}

async function found(sql: Pool): Promise<Anomaly[]> {
  return [...await listAnomalies(sql, { kind: "user" }, undefined, 100)].reverse();
}

Deno.test("twice the mean of the hours before is a warning, thrice critical; exactly that is neither", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  for (let ago = 1; ago <= 8; ago++) {
    for (const user of ["even", "twice", "more", "thrice", "flood"]) {
      await addCalls(sql, ago, 10, { userId: user });
    }
  }
  const counts = { even: 10, twice: 20, more: 21, thrice: 30, flood: 31 };
  for (const [user, count] of Object.entries(counts)) {
    await addCalls(sql, 0, count, { userId: user });
  }
  const { news } = await scan(sql, NOW + HOUR_MS - 1);
  const same = { subjectKind: "user", measure: "calls", baseline: 10, samples: 8 };
  assert.deepEqual(
    (await found(sql)).map(brief).sort((a, b) => a.value - b.value),
    [
      { ...same, subject: "more", severity: "warning", value: 21 },
      { ...same, subject: "thrice", severity: "warning", value: 30 },
      { ...same, subject: "flood", severity: "critical", value: 31 },
    ],
  );
  // The hour that is judged is no part of its own mean: with it, 31 would be 2.5 times.
  assert.equal(news.filter(({ subjectKind }) => subjectKind === "user").length, 3);
});

Deno.test("nothing is flagged in a first hour, with too few hours, or below the least that counts", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  await addCalls(sql, 0, 500, { userId: "new" });
  for (let ago = 1; ago <= 7; ago++) await addCalls(sql, ago, 10, { userId: "seven" });
  await addCalls(sql, 0, 500, { userId: "seven" });
  for (let ago = 1; ago <= 20; ago++) await addCalls(sql, ago, 1, { userId: "quiet" });
  await addCalls(sql, 0, 9, { userId: "quiet" });
  await scan(sql, NOW + HOUR_MS - 1);
  assert.deepEqual(await found(sql), []);
});

Deno.test("hours without calls are no samples: who works by day is not flagged each morning", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  // One hour in every eight, for the last week.
  for (let ago = 8; ago <= 160; ago += 8) await addCalls(sql, ago, 20, { userId: "daily" });
  await addCalls(sql, 0, 25, { userId: "daily" });
  await addCalls(sql, 300, 1, { userId: "other" });
  await scan(sql, NOW + HOUR_MS - 1);
  assert.deepEqual(await found(sql), []);
  await addCalls(sql, 0, 25, { userId: "daily" });
  await scan(sql, NOW + HOUR_MS - 1);
  assert.deepEqual((await found(sql)).map(brief), [{
    subjectKind: "user",
    subject: "daily",
    measure: "calls",
    severity: "warning",
    value: 50,
    baseline: 20,
    samples: 20,
  }]);
});

Deno.test("denials, failures and cost have baselines of their own; what never happened before is critical", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  for (let ago = 1; ago <= 8; ago++) await addCalls(sql, ago, 20, { userId: "ada" });
  const agent = { userId: "ada", detail: { agent: "builder" } };
  await addCalls(sql, 0, 10, { userId: "ada", costMicrodollars: 200_000 });
  await addCalls(sql, 0, 6, { userId: "ada", decision: "deny", policy: "tool_blocklist" });
  await addCalls(sql, 0, 5, { ...agent, kind: "outcome", decision: "error" });
  await scan(sql, NOW + HOUR_MS - 1);
  const all = (await found(sql)).map(({ measure, severity, value, baseline }) => ({
    ...{ measure, severity, value, baseline },
  }));
  assert.deepEqual(all.sort((a, b) => a.measure < b.measure ? -1 : 1), [
    { measure: "cost_microdollars", severity: "critical", value: 2_000_000, baseline: 0 },
    { measure: "denied", severity: "critical", value: 6, baseline: 0 },
    { measure: "failed", severity: "critical", value: 5, baseline: 0 },
  ]);
});

Deno.test("an hour that goes on is told of once when it is found and once when it gets critical", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  for (let ago = 1; ago <= 8; ago++) await addCalls(sql, ago, 20, { userId: "ada" });
  const at = async (minutes: number) => {
    const { news } = await scan(sql, NOW + minutes * MINUTE);
    return news.filter(({ subjectKind }) => subjectKind === "user").map(({ severity }) => severity);
  };
  await addCalls(sql, 0, 45, { userId: "ada" });
  assert.deepEqual(await at(56), ["warning"]);
  assert.deepEqual(await at(57), [], "nothing is new");
  await addCalls(sql, 0, 5, { userId: "ada" });
  assert.deepEqual(await at(58), [], "more of the same");
  await addCalls(sql, 0, 20, { userId: "ada" });
  assert.deepEqual(await at(59), ["critical"]);
  const [anomaly, ...others] = await found(sql);
  assert.deepEqual(others, []);
  assert.equal(anomaly?.value, 70);
  const rows = await sql<{ detail: { severity: string; anomaly: string; subject: string } }[]>`
    select detail from audit where target = 'anomaly:user' order by id`;
  assert.deepEqual(rows.map(({ detail }) => detail.severity), ["warning", "critical"]);
  assert.deepEqual(rows.map(({ detail }) => detail.anomaly), [anomaly?.id, anomaly?.id]);
  await fixture.sealer.sealAll();
  const report = await fixture.verify();
  assert.equal(report.ok, true, JSON.stringify(report.findings));
});

Deno.test("rows that come late are counted, hours missed are judged, a stop goes on where it ended", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  await ensurePartitions(sql);
  for (let ago = 5; ago <= 20; ago++) await addCalls(sql, ago, 10, { userId: "ada" });
  await scan(sql, NOW - 4 * HOUR_MS - MINUTE);
  assert.deepEqual(await found(sql), []);
  // Committed after the hour was over and counted; then nobody looked for four hours.
  await addCalls(sql, 5, 40, { userId: "ada" });
  await addCalls(sql, 3, 60, { userId: "ada" });
  const stopped = new AbortController();
  stopped.abort();
  assert.equal((await scan(sql, NOW, RULES, stopped.signal)).hours, 0);
  await scan(sql, NOW);
  assert.deepEqual(
    (await found(sql)).map(({ hour, value }) => [(NOW - hour.getTime()) / HOUR_MS, value])
      .sort(),
    [[3, 60], [5, 50]],
  );
});

Deno.test("a clock that was ahead leaves no hole: the window is counted anew, and the past is not judged again", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  for (let ago = 1; ago <= 10; ago++) await addCalls(sql, ago, 20, { userId: "ada" });
  await addCalls(sql, 5, 200, { userId: "ada" });
  await scan(sql, NOW + 1000 * HOUR_MS);
  assert.deepEqual(await found(sql), [], "in a thousand hours there is nothing to compare with");
  const hours = await sql`select 1 from call_hours`;
  assert.equal(hours.length, 0, "and what is counted is forgotten");
  await addCalls(sql, 0, 300, { userId: "ada" });
  await scan(sql, NOW + HOUR_MS - 1);
  assert.deepEqual((await found(sql)).map(brief).map(({ value, samples }) => [value, samples]), [
    [300, 10],
  ]);
});

Deno.test("however many names clients make up, an hour keeps a bounded number, and the busy ones", async () => {
  await using fixture = await createAuditFixture();
  const { sql } = fixture;
  const createdAt = NOW + MINUTE;
  const rows = Array.from({ length: MAX_SUBJECTS + 500 }, (_, n) =>
    decision({
      ...{ createdAt, id: uuidV7(createdAt), userId: "mallory" },
      target: `tool:${n}${"x".repeat(5000)}`,
      detail: { agent: `agent ${n} ${"y".repeat(5000)}` },
    }));
  for (let at = 0; at < rows.length; at += 50) {
    await appendRows(sql, GATEWAY, rows.slice(at, at + 50));
  }
  await addCalls(sql, 0, 30, { target: "tool:zzz-busy" });
  await scan(sql, NOW + HOUR_MS - 1);
  const kinds = await sql<{ subjectKind: string; count: number; longest: number }[]>`
    select subject_kind, count(*)::int as count, max(length(subject)) as longest
      from call_hours group by 1 order by 1`;
  assert.deepEqual(kinds.map(({ subjectKind, count }) => [subjectKind, count]), [
    ["agent", MAX_SUBJECTS],
    ["tool", MAX_SUBJECTS],
    ["user", 2],
  ]);
  assert.ok(kinds.every(({ longest }) => longest <= 200));
  const [busy] = await sql`select calls from call_hours where subject = 'tool:zzz-busy'`;
  assert.equal(busy?.calls, 30);
});
