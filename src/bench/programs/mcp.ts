import { describeMachine } from "../machine.ts";
import { type LoadResult, runLoad } from "../load.ts";
import { accessToken, echoTemplate, measureDirect, readEcho } from "../mcp_calls.ts";
import { cpuTimes, findMemory, perRequest } from "../processes.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { atLeast, below, type BenchReport, equal, figure, reportOf } from "../report.ts";
import { type Bench, LIMITS_NOTE, UNLIMITED_CALLS, withService } from "../scenario.ts";
import { openIdleSessions } from "../mcp_sessions.ts";

const SECONDS = 10;
const WARM_UP_MS = 3000;
const CLIENTS = 10;
const SERVERS = 20;
const IDLE_SESSIONS = 200;
const IDLE_MB = 350;

export const mcp: BenchProgram = {
  name: "mcp",
  brief: "Governed tool calls through to a stdio server, and what idle sessions cost",
  takes: "1 min",
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  const seconds = context.seconds ?? SECONDS;
  const options = { callsPerWindow: UNLIMITED_CALLS, prepare: addEchoServers };
  return await withService(context, options, async (bench) => {
    const machine = await describeMachine(bench.sql);
    context.progress("Measuring the echo server alone");
    const direct = await measureDirect(context.self, 3000);
    const names = Array.from({ length: SERVERS }, (_, at) => `echo-${at}`);
    const tokens = new Map<string, string>();
    for (const name of names) {
      tokens.set(name, await accessToken(context, bench.service.home, name));
    }
    const token = tokens.get("echo-0") ?? "";
    context.progress("Warming up");
    await call(bench, token, CLIENTS, WARM_UP_MS);
    context.progress(`One client for ${seconds} s`);
    const one = await call(bench, token, 1, seconds * 1000);
    context.progress(`${CLIENTS} clients for ${seconds} s`);
    const before = await countRows(bench);
    const cpu = cpuTimes(bench.service.pid, bench.postmaster);
    const many = await call(bench, token, CLIENTS, seconds * 1000);
    const cpuUs = perRequest(cpu, cpuTimes(bench.service.pid, bench.postmaster), many.answered);
    const rows = await settledRows(bench, before);
    context.progress(`${IDLE_SESSIONS} idle sessions on ${SERVERS} servers`);
    const opened = await openIdleSessions(bench.service.url, tokens, IDLE_SESSIONS);
    const idle = findMemory(bench.service.pid);
    const addedMs = (one.latencyUs.p50 - direct.p50) / 1000;
    return reportOf({
      name: "mcp",
      machine,
      measures: [
        atLeast(`calls, ${CLIENTS} clients`, many.perSecond, 1000, "/s"),
        figure("p50", many.latencyUs.p50 / 1000, "ms"),
        figure("p99", many.latencyUs.p99 / 1000, "ms"),
        below("added p50, one client", addedMs, 2, "ms"),
        figure("p50, one client", one.latencyUs.p50 / 1000, "ms"),
        figure("p50 of the server alone", direct.p50 / 1000, "ms"),
        equal("not allowed", many.sent - many.outcomes.allow, 0),
        equal("decision rows less calls", rows.decisions - many.answered, 0),
        equal("calls without an outcome row", rows.open, 0),
        equal("idle sessions", opened, IDLE_SESSIONS),
        below("memory with them", (idle?.total ?? 0) / 1e6, IDLE_MB, "MB"),
      ],
      notes: [
        "Revision 2026-07-28 over HTTP, one stdio child in its sandbox behind the gateway, policies on",
        "Each call is one decision row, durable before it is sent on, and one outcome row",
        "Memory: resident memory of the service's process, without the children and PostgreSQL",
        LIMITS_NOTE,
      ],
      details: { direct, one, many, cpuUs, rows },
    });
  });
}

/** Twenty servers of the same program, each one process for all. */
async function addEchoServers(home: string): Promise<void> {
  for (let at = 0; at < SERVERS; at++) {
    await Deno.writeTextFile(
      `${home}/services/mcp/echo-${at}.yaml`,
      `name: echo-${at}\ntransport: stdio\ncommand: spgov\nargs: [serve-demo, echo]\n` +
        "isolation: shared\nconcurrency: 64\n",
    );
  }
}

async function call(
  { service }: Bench,
  token: string,
  connections: number,
  ms: number,
): Promise<LoadResult> {
  const { hostname, port } = new URL(service.url);
  const template = echoTemplate(`${hostname}:${port}`, "echo-0", token);
  return await runLoad({
    hostname,
    port: Number(port),
    connections,
    templates: () => [template],
    amount: { ms },
    understand: readEcho,
  });
}

interface Rows {
  readonly decisions: number;
  /** Decisions that no outcome belongs to. */
  readonly open: number;
}

async function countRows({ sql }: Bench): Promise<Rows> {
  const [rows] = await sql<Rows[]>`
    select count(*)::int as decisions, count(*) filter (where outcome = 'open')::int as open
    from audit_calls where target = 'mcp:echo-0/echo'`;
  return rows ?? { decisions: 0, open: 0 };
}

/** The rows of a run, once its last outcomes are written: they follow their answers. */
async function settledRows(bench: Bench, before: Rows): Promise<Rows> {
  for (const until = Date.now() + 5000;;) {
    const { decisions, open } = await countRows(bench);
    if (open === 0 || Date.now() > until) return { decisions: decisions - before.decisions, open };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
