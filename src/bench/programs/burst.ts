import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { atLeast, below, equal, figure, type Measure, median } from "../report.ts";
import { type Bench, drive, type Driven, tokens } from "../scenario.ts";

/** Three times the 3,308 requests a second that the reference publishes, and its p99. */
const LEAST_PER_SECOND = 9924;
const P99_MS = 22.7;
const RUNS = 9;
const WARM_UP_MS = 4000;

interface Shape {
  readonly requests: number;
  readonly connections: number;
}

const SHAPES: readonly Shape[] = [
  { requests: 500, connections: 50 },
  { requests: 200, connections: 100 },
];

export const burst: BenchProgram = loadProgram({
  name: "burst",
  brief: "The reference product's own burst: 500 requests over 50 connections, 200 over 100",
  takes: "20 s",
  run,
});

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const [token] = await tokens(bench, 1);
  const session = [token ?? ""];
  context.progress("The first burst after the start");
  const cold = await runOnce(bench, session, SHAPES[0] ?? { requests: 500, connections: 50 });
  context.progress("Warming up");
  await drive(bench, {
    connections: 50,
    tokens: session,
    body: readCall,
    amount: { ms: WARM_UP_MS },
  });
  const runs = new Map<Shape, Driven[]>(SHAPES.map((shape) => [shape, []]));
  for (let round = 0; round < RUNS && !context.signal.aborted; round++) {
    context.progress(`Round ${round + 1} of ${RUNS}`);
    for (const [shape, driven] of runs) driven.push(await runOnce(bench, session, shape));
  }
  return {
    measures: [
      ...[...runs].flatMap(([shape, driven]) => measuresOf(shape, driven)),
      figure("first burst after the start", cold.load.perSecond, "/s"),
      figure("its p99", cold.load.latencyUs.p99 / 1000, "ms"),
    ],
    notes: [
      `Judged is the median of ${RUNS} runs; the best is shown beside it. Opening the connections is part of each run, one session sends all`,
      `Warmed up for ${WARM_UP_MS / 1000} s before, as a service that runs is`,
    ],
    details: {
      runs: [...runs].map(([shape, driven]) => ({ ...shape, runs: driven.map((d) => d.load) })),
      cold: cold.load,
    },
  };
}

async function runOnce(bench: Bench, session: readonly string[], shape: Shape): Promise<Driven> {
  return await drive(bench, {
    connections: shape.connections,
    tokens: session,
    body: readCall,
    amount: { count: shape.requests },
    connectInside: true,
  });
}

function measuresOf({ requests, connections }: Shape, runs: readonly Driven[]): Measure[] {
  const name = `${requests}/${connections}`;
  const rates = runs.map(({ load }) => load.perSecond);
  const p99 = runs.map(({ load }) => load.latencyUs.p99 / 1000);
  return [
    atLeast(`${name}: median`, median(rates), LEAST_PER_SECOND, "/s"),
    figure(`${name}: best`, Math.max(...rates), "/s"),
    below(`${name}: median p99`, median(p99), P99_MS, "ms"),
    figure(`${name}: best p99`, Math.min(...p99), "ms"),
    equal(
      `${name}: allowed`,
      total(runs, ({ load }) => load.outcomes.allow),
      requests * runs.length,
    ),
    equal(`${name}: rows`, total(runs, ({ rows }) => rows.requests), requests * runs.length),
  ];
}

function total(runs: readonly Driven[], of: (driven: Driven) => number): number {
  return runs.reduce((sum, driven) => sum + of(driven), 0);
}
