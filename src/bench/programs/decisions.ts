import { measureCeiling } from "../ceiling.ts";
import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { atLeast, below, equal, figure, type Measure } from "../report.ts";
import { type Bench, drive, type Driven, tokens } from "../scenario.ts";

const CONNECTIONS = 100;
const SESSIONS = 100;
const SECONDS = 60;
const WARM_UP_MS = 5000;

export const decisions: BenchProgram = loadProgram({
  name: "decisions",
  brief: "Durable decisions a second: 100 connections, 100 sessions, all allowed",
  takes: "90 s",
  run,
});

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const seconds = context.seconds ?? SECONDS;
  context.progress("Measuring the generator alone");
  const ceiling = await measureCeiling(CONNECTIONS, 3000);
  const load = {
    connections: CONNECTIONS,
    tokens: await tokens(bench, SESSIONS),
    body: readCall,
    signal: context.signal,
  };
  context.progress("Warming up");
  await drive(bench, { ...load, amount: { ms: WARM_UP_MS } });
  context.progress(`Measuring for ${seconds} s`);
  const driven = await drive(bench, { ...load, amount: { ms: seconds * 1000 } });
  return {
    measures: [
      atLeast("durable decisions", driven.load.perSecond, 10_000, "/s"),
      below("p99", driven.load.latencyUs.p99 / 1000, 20, "ms"),
      ...latencies(driven),
      ...completeness(driven),
      equal("sessions", driven.rows.sessions, SESSIONS),
      ...cpuFigures(driven),
      figure("generator alone", ceiling.perSecond, "/s"),
      figure("generator's CPU a request, alone", ceiling.cpuUs, "us"),
    ],
    notes: [
      `Closed loop, ${seconds} s after ${
        WARM_UP_MS / 1000
      } s of warm-up; generator, service and PostgreSQL share the cores`,
      "CPU a request counts processor time, whoever else the machine was busy with; the gateways are nearly all of the isolates'",
    ],
    details: { ...driven, ceiling },
  };
}

/** The percentiles that nothing is asked of. */
export function latencies({ load: { latencyUs } }: Driven): Measure[] {
  const { p50, p90, p999, max } = latencyUs;
  return Object.entries({ p50, p90, "p99.9": p999, max })
    .map(([name, us]) => figure(name, us / 1000, "ms"));
}

/** Processor time of one request, by who used it: unlike the throughput it hardly depends on what else runs. */
function cpuFigures({ cpuUs }: Driven): Measure[] {
  const used = { isolates: 0, "service's other threads": 0, PostgreSQL: 0, generator: 0 };
  for (const [name, us] of Object.entries(cpuUs)) {
    if (name === "postgres") used.PostgreSQL += us;
    else if (name === "generator") used.generator += us;
    else if (/^(worker-|gateway-|supervisor|egress|jobs)/.test(name)) used.isolates += us;
    else used["service's other threads"] += us;
  }
  return Object.entries(used).map(([who, us]) => figure(`CPU a request: ${who}`, us, "us"));
}

/** Every request was answered and allowed, and has its one row. */
export function completeness({ load, rows }: Driven): Measure[] {
  const { outcomes } = load;
  return [
    figure("requests", load.sent),
    equal("allowed", outcomes.allow, load.sent),
    equal("denied", outcomes.deny, 0),
    equal("rate limited", outcomes.limited, 0),
    equal("audit unavailable", outcomes.unavailable, 0),
    equal("errors", sum(load.errors), 0),
    equal("rows in the audit", rows.rows, load.sent),
    equal("requests in the audit", rows.requests, load.sent),
  ];
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, n) => total + n, 0);
}
