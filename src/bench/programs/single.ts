import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { below, figure } from "../report.ts";
import { type Bench, drive, tokens } from "../scenario.ts";
import { completeness, latencies } from "./decisions.ts";

const SECONDS = 10;
const WARM_UP_MS = 3000;

export const single: BenchProgram = loadProgram({
  name: "single",
  brief: "One connection: how long one durable decision takes",
  takes: "20 s",
  run,
});

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const seconds = context.seconds ?? SECONDS;
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
  return {
    measures: [
      below("p50", driven.load.latencyUs.p50 / 1000, 1, "ms"),
      figure("p99", driven.load.latencyUs.p99 / 1000, "ms"),
      ...latencies(driven).filter(({ what }) => what !== "p50"),
      figure("decisions", driven.load.perSecond, "/s"),
      ...completeness(driven),
    ],
    notes: ["Closed loop over one connection: each request waits for the answer before"],
    details: { ...driven },
  };
}
