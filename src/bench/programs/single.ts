import { describeMachine } from "../machine.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { below, type BenchReport, figure, reportOf } from "../report.ts";
import { drive, LIMITS_NOTE, tokens, UNLIMITED_CALLS, withService } from "../scenario.ts";
import { completeness, latencies } from "./decisions.ts";

const SECONDS = 10;
const WARM_UP_MS = 3000;

export const single: BenchProgram = {
  name: "single",
  brief: "One connection: how long one durable decision takes",
  takes: "20 s",
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  const seconds = context.seconds ?? SECONDS;
  return await withService(context, { callsPerWindow: UNLIMITED_CALLS }, async (bench) => {
    const machine = await describeMachine(bench.sql);
    const load = {
      connections: 1,
      tokens: await tokens(bench, 1),
      body: readCall,
      signal: context.signal,
    };
    context.progress("Warming up");
    await drive(bench, { ...load, amount: { ms: WARM_UP_MS } });
    context.progress(`Measuring for ${seconds} s`);
    const driven = await drive(bench, { ...load, amount: { ms: seconds * 1000 } });
    return reportOf({
      name: "single",
      machine,
      measures: [
        below("p50", driven.load.latencyUs.p50 / 1000, 1, "ms"),
        figure("p99", driven.load.latencyUs.p99 / 1000, "ms"),
        ...latencies(driven).filter(({ what }) => what !== "p50"),
        figure("decisions", driven.load.perSecond, "/s"),
        ...completeness(driven),
      ],
      notes: [
        "Closed loop over one connection: each request waits for the answer before",
        LIMITS_NOTE,
      ],
      details: { ...driven },
    });
  });
}
