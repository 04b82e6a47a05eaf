import { measureCeiling } from "../ceiling.ts";
import { describeMachine } from "../machine.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { type BenchReport, figure, reportOf } from "../report.ts";

export const generator: BenchProgram = {
  name: "generator",
  brief: "What the load generator itself can do, against a server that does nothing",
  takes: "20 s",
  run,
};

async function run({ seconds = 5, progress }: BenchContext): Promise<BenchReport> {
  const details: Record<string, unknown> = {};
  const measures = [];
  for (const connections of [1, 50, 100]) {
    progress(`Measuring with ${connections} connections`);
    const ceiling = await measureCeiling(connections, seconds * 1000);
    details[`${connections}`] = ceiling;
    measures.push(
      figure(`requests, ${connections} connections`, ceiling.perSecond, "/s"),
      figure(`p99, ${connections} connections`, ceiling.p99Ms, "ms"),
      figure(`CPU a request, ${connections} connections`, ceiling.cpuUs, "us"),
    );
  }
  return reportOf({
    name: "generator",
    machine: await describeMachine(),
    measures,
    notes: [
      "The server shares the process and the cores; the CPU is that of the generator's thread",
    ],
    details,
  });
}
