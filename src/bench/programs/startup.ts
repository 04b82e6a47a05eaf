import { describeMachine } from "../machine.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { below, type BenchReport, figure, median, reportOf } from "../report.ts";
import { launchService } from "../service.ts";

const FIRST_BOOTS = 3;
const LATER_BOOTS = 5;
const PAIRS = 15;

export const startup: BenchProgram = {
  name: "startup",
  brief: "First and later starts until ready, and `--help` over the bare runtime",
  takes: "40 s",
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  const machine = await describeMachine();
  const first: number[] = [];
  const later: number[] = [];
  for (let i = 0; i < FIRST_BOOTS && !context.signal.aborted; i++) {
    context.progress(`First start ${i + 1} of ${FIRST_BOOTS}`);
    await boot(context, first, i === FIRST_BOOTS - 1 ? later : []);
  }
  context.progress("Help against the bare runtime");
  const { help, bare } = await helpPairs(context);
  const extra = median(help.map((ms, index) => ms - (bare[index] ?? 0)));
  return reportOf({
    name: "startup",
    machine,
    measures: [
      below("first start to ready", median(first) / 1000, 5, "s"),
      below("later start to ready", median(later) / 1000, 1.5, "s"),
      ...bare.length > 0 ? [below("--help over the bare runtime", extra, 100, "ms")] : [],
      figure("--help", median(help), "ms"),
      ...bare.length > 0 ? [figure("bare runtime", median(bare), "ms")] : [],
      figure("first start, slowest", Math.max(...first) / 1000, "s"),
      figure("later start, slowest", Math.max(...later) / 1000, "s"),
    ],
    notes: [
      `Medians of ${FIRST_BOOTS} first and ${LATER_BOOTS} later starts, from spawning the process to /readyz answering 200`,
      "PostgreSQL's programs and the modules are in the machine's caches; a first start makes the database, the keys and the first admin",
      bare.length > 0
        ? `--help: ${PAIRS} pairs with "deno eval 0", one after the other`
        : "Nothing to compare --help with: this executable cannot run the bare runtime",
    ],
    details: { firstMs: first, laterMs: later, helpMs: help, bareMs: bare },
  });
}

/** One first start in a fresh home, and later ones in the same home where `later` wants them. */
async function boot(
  { self, env, services }: BenchContext,
  first: number[],
  later: number[],
): Promise<void> {
  const service = await launchService({ self, env, services });
  try {
    first.push(service.startMs);
    for (let i = 0; i < LATER_BOOTS && later.length < LATER_BOOTS; i++) {
      await service.restart();
      later.push(service.startMs);
    }
  } finally {
    await service.stop();
  }
}

async function helpPairs(
  { self, env }: BenchContext,
): Promise<{ readonly help: readonly number[]; readonly bare: readonly number[] }> {
  const help: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i <= PAIRS; i++) {
    const pair = [
      await timed(self.command, [...self.args, "--help"], env),
      Deno.build.standalone ? undefined : await timed(Deno.execPath(), ["eval", "0"], env),
    ];
    // The first pair fills caches.
    if (i === 0) continue;
    help.push(pair[0] ?? 0);
    if (pair[1] !== undefined) bare.push(pair[1]);
  }
  return { help, bare };
}

async function timed(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const start = performance.now();
  await new Deno.Command(command, {
    args: [...args],
    clearEnv: true,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - start;
}
