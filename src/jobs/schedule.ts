import { pause } from "../kernel/pause.ts";
import { nextTime } from "./cron.ts";
import type { Job, JobContext } from "./job.ts";

const MAX_PAUSE_MS = 3_600_000;

/** Runs each job once, then by its schedule, until `signal` aborts. One that fails is reported and tried again. */
export async function runJobs(
  jobs: readonly Job[],
  context: Omit<JobContext, "parameters" | "signal" | "progress">,
  signal: AbortSignal,
  onFailure: (job: Job, error: unknown) => void,
): Promise<void> {
  await Promise.all(jobs.map((job) => repeat(job, context, signal, onFailure)));
}

async function repeat(
  job: Job,
  context: Omit<JobContext, "parameters" | "signal" | "progress">,
  signal: AbortSignal,
  onFailure: (job: Job, error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await runOnce(job, context, signal).catch((error) => onFailure(job, error));
    const next = nextTime(job.schedule, "UTC", new Date(context.clock.now()));
    await pause(
      Math.min((next?.getTime() ?? Infinity) - context.clock.now(), MAX_PAUSE_MS),
      signal,
    );
  }
}

async function runOnce(
  job: Job,
  context: Omit<JobContext, "parameters" | "signal" | "progress">,
  signal: AbortSignal,
): Promise<void> {
  const run = await job.load();
  await run({
    ...context,
    signal: AbortSignal.any([signal, AbortSignal.timeout(job.timeoutMs)]),
    parameters: job.parameters.parse({}),
    progress: () => {},
  });
}
