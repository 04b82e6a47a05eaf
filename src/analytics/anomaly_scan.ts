import { appendRows, eventRow } from "../audit/mod.ts";
import type { Pool, Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type AnomalyRules, judgeHour } from "./anomaly_rules.ts";
import { type Anomaly, forgetAnomalies, listOfHour, saveAnomaly } from "./anomaly_store.ts";
import {
  countHour,
  findOldestRow,
  findProgress,
  forgetHours,
  HOUR_MS,
  listSubjects,
  saveProgress,
} from "./hour_store.ts";

/** What a scan needs. */
export interface ScanContext {
  /** As the owner of the tables. */
  readonly sql: Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** The chain of the audit that takes its rows. */
  readonly writer: string;
  readonly signal: AbortSignal;
  progress(done: number, total?: number): void;
}

export interface ScanOptions {
  readonly rules: AnomalyRules;
  /** Days that anomalies are kept. */
  readonly keepDays: number;
}

export interface ScanResult {
  /** Hours that were counted. */
  readonly hours: number;
  /** Found for the first time, or worse than before. */
  readonly news: readonly Anomaly[];
}

/** A row may become durable this long after its time; replicas' clocks differ. */
const LATE_MS = 5 * 60_000;

/**
 * Counts the hours since the last scan and judges them. The hour that is not over yet is judged by what it
 * has so far, so that a flood shows before it ends; it is part of no baseline. Ends early, and goes on the
 * next time, when the signal aborts.
 */
export async function scanAnomalies(
  context: ScanContext,
  { rules, keepDays }: ScanOptions,
): Promise<ScanResult> {
  const { sql, clock, signal, progress } = context;
  const now = clock.now();
  const { from, judgeFrom } = await planScan(sql, now, rules.windowHours);
  const hours = hoursBetween(from, now);
  const news: Anomaly[] = [];
  for (const [done, hour] of hours.entries()) {
    if (signal.aborted) return { hours: done, news };
    progress(done, hours.length);
    news.push(...await scanHour(context, hour, now, hour >= judgeFrom ? rules : undefined));
  }
  await forgetHours(sql, hourOf(now) - (rules.windowHours + 1) * HOUR_MS);
  await forgetAnomalies(sql, now - keepDays * 24 * HOUR_MS);
  return { hours: hours.length, news };
}

/**
 * From when on to count: the whole window at first, and when the clock was ahead the last time. Then the
 * past is only counted, not judged.
 */
async function planScan(
  sql: Sql,
  now: number,
  windowHours: number,
): Promise<{ readonly from: number; readonly judgeFrom: number }> {
  const counted = await findProgress(sql);
  const oldest = Math.max(hourOf(now) - windowHours * HOUR_MS, await findOldestRow(sql) ?? now);
  if (counted === undefined || counted > now + LATE_MS) {
    return { from: oldest, judgeFrom: hourOf(now) - HOUR_MS };
  }
  const from = Math.max(counted - LATE_MS, oldest);
  return { from, judgeFrom: hourOf(from) };
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

function hoursBetween(from: number, now: number): number[] {
  const first = hourOf(from);
  const count = Math.max(0, Math.floor((hourOf(now) - first) / HOUR_MS) + 1);
  return Array.from({ length: count }, (_, index) => first + index * HOUR_MS);
}

/** One transaction: what was counted, what was found, and the rows that tell of it. */
async function scanHour(
  { sql, log, writer }: ScanContext,
  hour: number,
  now: number,
  rules: AnomalyRules | undefined,
): Promise<readonly Anomaly[]> {
  const news = await sql.begin(async (tx): Promise<Anomaly[]> => {
    await countHour(tx, hour);
    await saveProgress(tx, Math.min(now, hour + HOUR_MS));
    const found = rules ? await judge(tx, hour, now, rules) : [];
    for (let at = 0; at < found.length; at += ROWS_AT_ONCE) {
      const rows = found.slice(at, at + ROWS_AT_ONCE).map((anomaly) => rowOf(anomaly, now));
      await appendRows(tx, writer, rows);
    }
    return found;
  }) as Anomaly[];
  for (const { id, severity, subjectKind, measure, value, baseline } of news.slice(0, LOGGED)) {
    log.warn("An hour is unlike those before it", {
      ...{ anomaly: id, severity, subject_kind: subjectKind, measure, value },
      baseline: rounded(baseline),
    });
  }
  return news;
}

const ROWS_AT_ONCE = 256;
/** The rest stands in the audit. */
const LOGGED = 20;

/** Keeps what is found, and answers what is new or worse than before. */
async function judge(sql: Sql, hour: number, now: number, rules: AnomalyRules): Promise<Anomaly[]> {
  const before = new Map((await listOfHour(sql, hour)).map((known) => [keyOf(known), known]));
  const subjects = await listSubjects(sql, hour, rules.windowHours);
  const news: Anomaly[] = [];
  for (const finding of subjects.flatMap((subject) => judgeHour(subject, rules))) {
    const known = before.get(keyOf(finding));
    if (known?.value === finding.value && known.severity === finding.severity) continue;
    const saved = await saveAnomaly(sql, finding, hour, now);
    if (!known || known.severity !== "critical" && saved.severity === "critical") news.push(saved);
  }
  return news;
}

function keyOf(
  { subjectKind, subject, measure }: Pick<Anomaly, "subjectKind" | "subject" | "measure">,
): string {
  return `${subjectKind} ${measure} ${subject}`;
}

/** Times the baseline; undefined where there was none of it before. */
export function ratioOf({ value, baseline }: Pick<Anomaly, "value" | "baseline">):
  | number
  | undefined {
  return baseline === 0 ? undefined : rounded(value / baseline);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The row that tells of an anomaly, to whoever reads the audit and wherever it is sent. */
function rowOf(anomaly: Anomaly, now: number): ReturnType<typeof eventRow> {
  const { id, subjectKind, subject, hour, measure, severity, value, baseline, samples } = anomaly;
  return eventRow({
    kind: "system",
    userId: subjectKind === "user" ? subject : "system",
    role: "service",
    surface: "api",
    target: `anomaly:${subjectKind}`,
    decision: "ok",
    policy: "anomaly",
    detail: {
      event: "anomaly_found",
      anomaly: id,
      baseline: rounded(baseline),
      hour: hour.toISOString(),
      measure,
      ratio: ratioOf(anomaly),
      samples,
      severity,
      subject,
      subject_kind: subjectKind,
      value,
    },
  }, now);
}
