import {
  type BenchProgram,
  type BenchReport,
  findProgram,
  type Machine,
  type Measure,
  PROGRAMS,
} from "../../bench/mod.ts";
import { assetPath } from "../../kernel/assets.ts";
import { AppError } from "../../kernel/errors.ts";
import { selfCommand } from "../../kernel/self.ts";
import { didYouMean } from "../../kernel/suggest.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit.ts";
import { cardView, listView, tableView, type View } from "../output/view.ts";
import { findScript, listScripts, runScript } from "./scripts.ts";

interface Flags {
  readonly seconds?: number;
  readonly rows?: number;
}

export default async function bench(
  this: CliContext,
  flags: Flags,
  ...names: string[]
): Promise<void> {
  const [first, ...rest] = names;
  if (first === undefined) return await list(this);
  const script = findProgram(first) ? undefined : await findScript(first);
  if (script !== undefined) return await runScript(this, script, rest);
  const programs = names.includes("all") ? PROGRAMS : names.map(getProgram);
  const reports: BenchReport[] = [];
  for (const program of programs) {
    if (this.signal.aborted) break;
    reports.push(await run(this, program, flags));
  }
  show(this, reports);
  if (reports.some(({ passed }) => !passed)) this.setExit(EXIT.failure);
}

function getProgram(name: string): BenchProgram {
  const program = findProgram(name);
  if (program) return program;
  const hint = didYouMean(name, [...PROGRAMS.map((known) => known.name), "all"]);
  throw new AppError("not_found", `There is no benchmark ${JSON.stringify(name)}`, {
    hint: hint ?? 'See "spgov bench".',
  });
}

async function run(
  context: CliContext,
  program: BenchProgram,
  { seconds, rows }: Flags,
): Promise<BenchReport> {
  return await program.run({
    self: selfCommand(),
    env: context.env,
    services: assetPath("services"),
    seconds,
    rows,
    progress: (message) => context.out.progress(`${program.name}: ${message}`),
    signal: context.signal,
  });
}

async function list(context: CliContext): Promise<void> {
  const own = PROGRAMS.map(({ name, brief, takes }) => ({ name, takes, brief }));
  const scripts = (await listScripts())
    .map((name) => ({ name, takes: undefined, brief: `scripts/bench/${name}.ts` }));
  context.out.table({
    kind: "bench.list",
    columns: ["name", "takes", "brief"],
    rows: [...own, ...scripts],
  });
}

function show({ out }: CliContext, reports: readonly BenchReport[]): void {
  const [first] = reports;
  out.report({
    kind: "bench",
    data: { passed: reports.every(({ passed }) => passed), reports },
    views: [
      ...first ? [cardView(machineFields(first.machine), "machine")] : [],
      ...reports.flatMap(viewsOf),
    ],
  });
}

function machineFields(machine: Machine): Readonly<Record<string, unknown>> {
  const { memoryMb, ...rest } = machine;
  return { ...rest, memory: `${memoryMb} MB` };
}

function viewsOf({ name, measures, notes }: BenchReport): readonly View[] {
  const columns = [
    { label: "WHAT", of: (measure: Measure) => measure.what },
    { label: "FOUND", of: (measure: Measure) => measure.value },
    { label: "UNIT", of: (measure: Measure) => measure.unit },
    { label: "WANTED", of: (measure: Measure) => measure.wanted ?? "" },
    { label: "OK", of: (measure: Measure) => measure.ok ?? "" },
  ];
  return [tableView(columns, measures, name), listView(notes)];
}
