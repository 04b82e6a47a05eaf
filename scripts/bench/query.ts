/**
 * How long the questions to the audit take, over a database that scripts/bench/seed_audit.ts filled:
 *
 *     deno run -A scripts/bench/query.ts --url postgres://… [--rounds 50]
 *
 * Prints JSON: milliseconds for each question, first run (cold statement) and distribution.
 */
import { parseArgs } from "node:util";
import { findCalls, findTrace, listDecisions, listRecentTraces } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { parseDatabaseUrl } from "../../src/kernel/database_address.ts";

interface Sample {
  readonly id: string;
  readonly traceId: string;
  readonly sessionId: string;
  readonly userId: string;
}

type Question = (sql: Pool, sample: Sample) => Promise<unknown>;

const DAY = 86_400_000;

const QUESTIONS: Readonly<Record<string, Question>> = {
  "audit <request id>": (sql, { id }) => findCalls(sql, id, 50),
  "audit <request id, 13 characters>": (sql, { id }) => findCalls(sql, id.slice(0, 13), 50),
  "audit <request id, 6 characters>": (sql, { id }) => findCalls(sql, id.slice(0, 6), 50),
  "audit <trace id>": (sql, { traceId }) => findCalls(sql, traceId, 50),
  "audit <trace id, 8 characters>": (sql, { traceId }) => findCalls(sql, traceId.slice(0, 8), 50),
  "audit <session id>": (sql, { sessionId }) => findCalls(sql, sessionId, 50),
  "audit <session id, 8 characters>": (sql, { sessionId }) =>
    findCalls(sql, sessionId.slice(0, 8), 50),
  "audit <unknown>": (sql) => findCalls(sql, "zzzzzz", 50),
  "decisions list": (sql) => listDecisions(sql, {}, { limit: 20 }),
  "decisions list --decision deny": (sql) =>
    listDecisions(sql, { decision: "deny" }, { limit: 20 }),
  "decisions list --user": (sql, { userId }) => listDecisions(sql, { user: userId }, { limit: 20 }),
  "decisions list --session": (sql, { sessionId }) =>
    listDecisions(sql, { session: sessionId }, { limit: 20 }),
  "decisions list --since 24h --tool Bash": (sql) =>
    listDecisions(sql, { tool: "Bash", since: new Date(Date.now() - DAY) }, { limit: 20 }),
  "trace list": (sql) => listRecentTraces(sql, {}, { limit: 20 }),
  "trace show": (sql, { traceId }) => findTrace(sql, traceId.slice(0, 12), 1000),
};

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measure(
  sql: Pool,
  samples: readonly Sample[],
  question: Question,
): Promise<Record<string, number>> {
  const times: number[] = [];
  for (const sample of samples) times.push(await time(() => question(sql, sample)));
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { first: round(times[0] ?? 0), p50: at(0.5), p95: at(0.95), max: at(1) };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

const { values } = parseArgs({
  options: { url: { type: "string" }, rounds: { type: "string", default: "50" } },
});
const sql = openPool(parseDatabaseUrl(values.url ?? Deno.env.get("DATABASE_URL") ?? ""), {
  max: 1,
  applicationName: "query bench",
});
const [{ rows = 0 } = {}] = await sql<{ rows: number }[]>`select count(*) as rows from audit`;
const samples = await sql<Sample[]>`
  select id, trace_id, session_id, user_id from audit tablesample system (1)
   where kind = 'decision' order by random() limit ${Number(values.rounds)}
`;
const results: Record<string, Record<string, number>> = {};
for (const [name, question] of Object.entries(QUESTIONS)) {
  results[name] = await measure(sql, samples, question);
}
await sql.end();
Deno.stdout.writeSync(
  new TextEncoder().encode(JSON.stringify({ rows, ms: results }, undefined, 2) + "\n"),
);
