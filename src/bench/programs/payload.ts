import type { Sql } from "../../db/mod.ts";
import { type Found, loadProgram } from "../load_program.ts";
import { hostileShapes } from "../hostile.ts";
import { writeCall } from "../payloads.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { below, equal, figure, type Measure, median } from "../report.ts";
import { type Bench, drive, type Driven, tokens } from "../scenario.ts";

interface Size {
  readonly name: string;
  readonly body: (marker: string) => string;
  /** What all stages before the commit may take together, in milliseconds. */
  readonly limitMs: number;
}

function source(name: string, bytes: number, limitMs: number): Size {
  return { name, limitMs, body: (marker) => writeCall(marker, bytes) };
}

const SIZES: readonly Size[] = [
  source("10 KB", 10 * 1024, 1),
  source("100 KB", 100 * 1024, 8),
  source("1 MB", 1024 * 1024, 60),
];
const HOSTILE_LIMIT_MS = 60;
const WARM_UPS = 30;
const REQUESTS = 60;
/** Hostile payloads are denied or allowed; a few tell what each costs. */
const HOSTILE_REQUESTS = 15;

export const payload: BenchProgram = loadProgram({
  name: "payload",
  brief: "What the stages cost for calls of 10 KB, 100 KB and 1 MB",
  takes: "30 s",
  run,
});

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const session = await tokens(bench, 1);
  const found = [];
  for (const size of SIZES) {
    context.progress(`Writing files of ${size.name}`);
    found.push(await measure(bench, session, size));
  }
  const hostile: Measure[] = [];
  for (const { name, body } of hostileShapes()) {
    context.progress(`Sending 1 MB of ${name}`);
    hostile.push(await measureHostile(bench, session, name, body));
  }
  return {
    measures: [...found.flatMap(({ measures }) => measures), ...hostile],
    notes: [
      `Microseconds of the stages as the rows record them: the median of ${REQUESTS} requests after ${WARM_UPS}, one at a time; source code as content`,
      `Hostile: 1 MB each, made to cost as much as they can; the median of ${HOSTILE_REQUESTS}, allowed or denied`,
      "The whole request adds reading and parsing the body, redacting, hashing and the commit",
    ],
    details: Object.fromEntries(found.map(({ size, details }) => [size.name, details])),
  };
}

async function measure(bench: Bench, session: readonly string[], size: Size): Promise<{
  readonly size: Size;
  readonly measures: readonly Measure[];
  readonly details: unknown;
}> {
  const load = {
    connections: 1,
    tokens: session,
    body: size.body,
  };
  await drive(bench, { ...load, amount: { count: WARM_UPS } });
  const driven = await drive(bench, { ...load, amount: { count: REQUESTS } });
  const stages = await stageTimes(bench.sql, driven.marker);
  const sums = stages.map(sumMs);
  return {
    size,
    measures: measuresOf(size, driven, sums),
    details: { load: driven.load, medianUs: byStage(stages) },
  };
}

async function measureHostile(
  bench: Bench,
  session: readonly string[],
  name: string,
  body: (marker: string) => string,
): Promise<Measure> {
  const load = { connections: 1, tokens: session, body, amount: { count: HOSTILE_REQUESTS } };
  const driven = await drive(bench, load);
  const stages = await stageTimes(bench.sql, driven.marker);
  return below(`hostile: ${name}`, median(stages.map(sumMs)), HOSTILE_LIMIT_MS, "ms");
}

/** Milliseconds of all stages together. */
function sumMs(row: StageTimes): number {
  return Object.values(row).reduce((sum, us) => sum + us, 0) / 1000;
}

function measuresOf({ name, limitMs }: Size, { load }: Driven, sums: readonly number[]): Measure[] {
  return [
    below(`${name}: stages, median`, median(sums), limitMs, "ms"),
    figure(`${name}: stages, longest`, Math.max(...sums), "ms"),
    figure(`${name}: whole request, median`, load.latencyUs.p50 / 1000, "ms"),
    equal(`${name}: allowed`, load.outcomes.allow, REQUESTS),
    equal(`${name}: rows`, sums.length, REQUESTS),
  ];
}

type StageTimes = Readonly<Record<string, number>>;

/** Microseconds by stage, for each row of a run. The commit's own time cannot stand in a row. */
async function stageTimes(sql: Sql, marker: string): Promise<readonly StageTimes[]> {
  const rows = await sql<{ stages: StageTimes }[]>`
    select (select jsonb_object_agg(stage, us)
              from (select rule ->> 0 as stage, sum((rule ->> 3)::float8) as us
                      from jsonb_array_elements(detail -> 'rules') as rule
                     where rule ->> 0 <> 'commit'
                     group by 1) as summed) as stages
      from audit
     where kind = 'decision' and context_id = ${marker}
  `;
  return rows.map(({ stages }) => stages);
}

function byStage(rows: readonly StageTimes[]): StageTimes {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(rows.map((row) => row[name] ?? 0))]),
  );
}
