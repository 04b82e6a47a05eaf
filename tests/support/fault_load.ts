import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import { RATE } from "./fault_scale.ts";
import type { TestService } from "./service.ts";

/** What became of the requests of a load, by their ids. */
export interface LoadReport {
  readonly sent: number;
  /** Answered with allow. */
  readonly allowed: ReadonlySet<string>;
  /** Answered with a deny that has a row: a rule's. */
  readonly denied: ReadonlySet<string>;
  /** Answered with a deny because nothing could be recorded. */
  readonly refused: ReadonlySet<string>;
  /** No answer: the connection was refused or lost. */
  readonly unknown: ReadonlySet<string>;
  /** Answers that are none of these, e.g. another status than 200. */
  readonly wrong: readonly string[];
  /** Milliseconds from when a request was due to its answer, in ascending order. */
  readonly latencies: readonly number[];
  /** Milliseconds of the longest stretch between two allows. */
  readonly longestGapMs: number;
}

/** A load that runs until it is stopped. */
export interface FaultLoad {
  /** Marks the rows: the client session of every request. */
  readonly marker: string;
  /** Resolves once at least `count` more requests were allowed. */
  moreAllowed(count: number): Promise<void>;
  /** Stops sending, waits for the answers under way. */
  stop(): Promise<LoadReport>;
}

export interface FaultLoadOptions {
  /** Requests a second, sent when they are due whatever became of those before; default 150, in the long form 500 or what is asked for. */
  readonly rate?: number;
  /** Sessions that take turns; default 8. */
  readonly sessions?: number;
  /** Arguments of the tool call number `serial`; default a short path. */
  readonly input?: (serial: number) => unknown;
  /** The whole body instead, which carries `id` and `marker` itself. */
  readonly body?: (id: string, marker: string, serial: number) => string | undefined;
}

const TICK_MS = 10;
const GIVE_UP_MS = 15_000;

interface Tally {
  sent: number;
  readonly allowed: Set<string>;
  readonly denied: Set<string>;
  readonly refused: Set<string>;
  readonly unknown: Set<string>;
  readonly wrong: string[];
  readonly latencies: number[];
  lastAllowed: number;
  longestGap: number;
}

/** Sends tool calls at a fixed rate: a stall of the service delays answers, never requests. */
export async function startFaultLoad(
  service: TestService,
  options: FaultLoadOptions = {},
): Promise<FaultLoad> {
  const { rate = RATE, sessions = 8 } = options;
  const tokens: string[] = [];
  for (let i = 0; i < sessions; i++) tokens.push(await service.token());
  const marker = crypto.randomUUID();
  const tally = newTally();
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  let serial = 0;

  function sendDue(): void {
    const due = Math.floor((performance.now() - start) * rate / 1000);
    for (; serial < due; serial++) {
      const token = tokens[serial % tokens.length] ?? "";
      const work = send(service, token, bodyOf(options, marker, serial), tally);
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    }
  }

  const timer = setInterval(sendDue, TICK_MS);
  return {
    marker,
    async moreAllowed(count) {
      const goal = tally.allowed.size + count;
      const end = performance.now() + 25_000;
      while (tally.allowed.size < goal) {
        if (performance.now() > end) throw new Error(`Not allowed: ${summaryOf(tally)}`);
        await pause(TICK_MS);
      }
    },
    async stop() {
      clearInterval(timer);
      while (underWay.size > 0) await Promise.all(underWay);
      tally.latencies.sort((a, b) => a - b);
      return { ...tally, longestGapMs: tally.longestGap };
    },
  };
}

interface Body {
  readonly id: string;
  readonly text: string;
}

function bodyOf({ body, input }: FaultLoadOptions, marker: string, serial: number): Body {
  const id = crypto.randomUUID();
  const text = body?.(id, marker, serial);
  return { id, text: text ?? toolCall(id, marker, input?.(serial) ?? { file_path: "/tmp/notes" }) };
}

/** A `PreToolUse` call that the default rules allow. */
export function toolCall(id: string, marker: string, input: unknown): string {
  return JSON.stringify({
    hook_event_name: "PreToolUse",
    session_id: marker,
    tool_name: "Read",
    tool_use_id: id,
    tool_input: input,
  });
}

async function send(
  { url }: TestService,
  token: string,
  { id, text }: Body,
  tally: Tally,
): Promise<void> {
  tally.sent++;
  const start = performance.now();
  try {
    const response = await fetch(`${url}/api/public/hooks/govern`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: text,
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    settle(tally, id, response.status, response.headers, await response.text());
    tally.latencies.push(performance.now() - start);
  } catch {
    tally.unknown.add(id);
  }
}

function settle(tally: Tally, id: string, status: number, headers: Headers, text: string): void {
  const allowed = text.includes('"permissionDecision":"allow"');
  const denied = text.includes('"permissionDecision":"deny"');
  if (status !== 200 || allowed === denied) {
    tally.wrong.push(`${status} ${text.slice(0, 200)}`);
  } else if (allowed) {
    tally.allowed.add(id);
    const now = performance.now();
    tally.longestGap = Math.max(tally.longestGap, now - tally.lastAllowed);
    tally.lastAllowed = now;
  } else if (!headers.has("decisionId") || headers.get("policy") === "audit_unavailable") {
    tally.refused.add(id);
    if (!headers.has("retry-after")) tally.wrong.push(`No Retry-After: ${text}`);
  } else {
    tally.denied.add(id);
  }
}

function newTally(): Tally {
  return {
    sent: 0,
    allowed: new Set(),
    denied: new Set(),
    refused: new Set(),
    unknown: new Set(),
    wrong: [],
    latencies: [],
    lastAllowed: performance.now(),
    longestGap: 0,
  };
}

/** The report in one line. */
export function summaryOf(report: Omit<LoadReport, "longestGapMs">): string {
  const { sent, allowed, denied, refused, unknown, wrong, latencies } = report;
  const counts = { allowed, denied, refused, unknown };
  const parts = Object.entries(counts).map(([name, ids]) => `${name} ${ids.size}`);
  const slowest = Math.round(latencies.at(-1) ?? 0);
  return `sent ${sent}, ${parts.join(", ")}, wrong ${wrong.length}, slowest ${slowest} ms`;
}

interface StoredDecision {
  readonly taskId: string;
  readonly decision: string;
  readonly count: number;
}

/**
 * What must hold after every fault: each answered allow has exactly one durable allow row, each answered
 * denial of a rule its deny row, no request has two, and the log verifies with all its seals.
 */
export async function checkInvariant(
  service: TestService,
  load: FaultLoad,
  report: LoadReport,
): Promise<void> {
  assert.deepEqual(report.wrong, []);
  const stored = await decisionsOf(service, load.marker);
  for (const [id, { count }] of stored) assert.equal(count, 1, `request ${id} has ${count} rows`);
  const lost = [...report.allowed].filter((id) => stored.get(id)?.decision !== "allow");
  assert.deepEqual(lost, [], `allowed without a durable row (${summaryOf(report)})`);
  const undone = [...report.denied].filter((id) => stored.get(id)?.decision !== "deny");
  assert.deepEqual(undone, [], `denied without a durable row (${summaryOf(report)})`);
  await checkLog(service);
}

/** The decisions of a load as they stand in the database. */
export async function decisionsOf(
  service: TestService,
  marker: string,
): Promise<ReadonlyMap<string, StoredDecision>> {
  const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
  try {
    const rows = await sql<StoredDecision[]>`
      select task_id, min(decision) as decision, count(*)::int as count
        from audit
       where kind = 'decision' and context_id = ${marker}
       group by task_id`;
    return new Map(rows.map((row) => [row.taskId, row]));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Verifies the whole log as an operator would. */
export async function checkLog(service: TestService): Promise<void> {
  const { code, stdout, stderr } = await service.cli("infra", "logs", "verify", "--json");
  assert.equal(code, 0, `the log does not verify: ${stdout}${stderr}`);
  assert.equal(JSON.parse(stdout).data.ok, true);
}

/** Milliseconds until a call is allowed again. Throws with the service's log when that takes longer than `withinMs`. */
export async function untilAllowed(service: TestService, withinMs: number): Promise<number> {
  const start = performance.now();
  let last = "";
  while (performance.now() - start < withinMs) {
    last = await tryOnce(service);
    if (last === "allow") return performance.now() - start;
    await pause(20);
  }
  throw new Error(`Not allowed after ${withinMs} ms: ${last}\n${service.logs().slice(-3000)}`);
}

async function tryOnce(service: TestService): Promise<string> {
  try {
    const token = await tokenFor(service);
    const text = toolCall(crypto.randomUUID(), "probe", { file_path: "/tmp/notes" });
    const { body } = await service.govern(token, text);
    return body.hookSpecificOutput?.permissionDecision === "allow" ? "allow" : JSON.stringify(body);
  } catch (error) {
    return String(error);
  }
}

const probeTokens = new WeakMap<TestService, Promise<string>>();

/** One session for all probes of a service. */
async function tokenFor(service: TestService): Promise<string> {
  const known = probeTokens.get(service);
  if (known) return await known;
  const asked = service.token();
  probeTokens.set(service, asked);
  asked.catch(() => probeTokens.delete(service));
  return await asked;
}

/** Fails unless the service said so since `from` (a length of its log). */
export function assertLogged(service: TestService, what: RegExp, from = 0): void {
  const said = service.logs().slice(from);
  assert.match(said, what, `the log does not say it: ${said.slice(-2000)}`);
}

/** As `assertLogged`, for what may be said a little after calls are allowed again. */
export async function untilLogged(service: TestService, what: RegExp, from = 0): Promise<void> {
  for (let i = 0; i < 200 && !what.test(service.logs().slice(from)); i++) await pause(50);
  assertLogged(service, what, from);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
