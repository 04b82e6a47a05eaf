import { type Found, loadProgram } from "../load_program.ts";
import { readCall } from "../payloads.ts";
import { findMemory, type Memory } from "../processes.ts";
import type { BenchContext, BenchProgram } from "../program.ts";
import { below, equal, figure } from "../report.ts";
import { type Bench, drive, tokens } from "../scenario.ts";

const SECONDS = 600;
const LIMIT_MB = 250;
/** What counts as flat: growth over ten minutes by the fitted line, in megabytes. */
const SLOPE_MB = 12.5;
const SAMPLE_MS = 1000;

export const memory: BenchProgram = loadProgram({
  name: "memory",
  brief: "Memory of the service without PostgreSQL under load, and whether it grows",
  takes: "11 min",
  run,
});

interface Sample extends Memory {
  /** Seconds since the load began. */
  readonly at: number;
}

async function run(bench: Bench, context: BenchContext): Promise<Found> {
  const seconds = context.seconds ?? SECONDS;
  const idle = findMemory(bench.service.pid);
  const sessions = await tokens(bench, 100);
  const sampler = startSampler(bench.service.pid);
  context.progress(`Load for ${seconds} s`);
  const driven = await drive(bench, {
    connections: 100,
    tokens: sessions,
    body: readCall,
    amount: { ms: seconds * 1000 },
    signal: context.signal,
  }).finally(sampler.stop);
  // The first fifth is warming up: compiled code, caches, the first full heap.
  const settled = sampler.samples.filter(({ at }) => at >= seconds / 5);
  return {
    measures: [
      below(
        "largest",
        megabytes(Math.max(...sampler.samples.map((s) => s.total))),
        LIMIT_MB,
        "MB",
      ),
      below("growth in 10 minutes", slopeMb(settled) * 600, SLOPE_MB, "MB"),
      figure("idle after the start", megabytes(idle?.total ?? 0), "MB"),
      figure("at the end", megabytes(sampler.samples.at(-1)?.total ?? 0), "MB"),
      figure("of it own data", megabytes(sampler.samples.at(-1)?.anonymous ?? 0), "MB"),
      figure("of it mapped files", megabytes(sampler.samples.at(-1)?.file ?? 0), "MB"),
      figure("decisions", driven.load.perSecond, "/s"),
      equal("not allowed", driven.load.sent - driven.load.outcomes.allow, 0),
    ],
    notes: [
      "Resident memory (VmRSS) of the service's process, mapped files included, once a second; 1 MB = 1,000,000 bytes",
      `Growth: the slope of the line through the last four fifths of ${seconds} s, for ten minutes`,
    ],
    details: { load: driven.load, samples: thinned(sampler.samples) },
  };
}

function startSampler(pid: number): { readonly samples: readonly Sample[]; stop(): void } {
  const samples: Sample[] = [];
  const start = performance.now();
  const timer = setInterval(() => {
    const found = findMemory(pid);
    if (found) samples.push({ ...found, at: (performance.now() - start) / 1000 });
  }, SAMPLE_MS);
  return { samples, stop: () => clearInterval(timer) };
}

function megabytes(bytes: number): number {
  return bytes / 1e6;
}

/** Megabytes a second of the line with the least squares. */
function slopeMb(samples: readonly Sample[]): number {
  const n = samples.length;
  if (n < 2) return 0;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / n;
  const meanMb = samples.reduce((sum, { total }) => sum + megabytes(total), 0) / n;
  const both = samples.reduce(
    (sum, { at, total }) => sum + (at - meanAt) * (megabytes(total) - meanMb),
    0,
  );
  return both / samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
}

function thinned(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.ceil(samples.length / 60);
  return samples.filter((_, index) => index % step === 0);
}
