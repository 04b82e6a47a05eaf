import type { Pool, Sql } from "../db/mod.ts";
import { uuidV7 } from "../kernel/ids.ts";
import type { SchedulerConfig } from "./config/mod.ts";
import { nextTime } from "./cron.ts";
import type { Job } from "./job.ts";
import { type DueJob, lockDueJobs, setNext } from "./job_store.ts";
import { addRun, addSkipped, hasOpenRun } from "./run_store.ts";

/** A job as it is configured here. */
export interface Plan {
  readonly job: Job;
  readonly enabled: boolean;
  readonly schedule: string;
  readonly timeZone: string;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly catchUp: Job["catchUp"];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The jobs with what the configuration says otherwise of them. */
export function planJobs(
  jobs: readonly Job[],
  config: SchedulerConfig,
): ReadonlyMap<string, Plan> {
  return new Map(jobs.map((job) => {
    const own = config.jobs[job.name];
    return [job.name, {
      job,
      enabled: own?.enabled ?? job.enabled ?? true,
      schedule: own?.schedule ?? job.schedule,
      timeZone: own?.time_zone ?? config.time_zone,
      timeoutMs: own?.timeout ?? job.timeoutMs,
      attempts: own?.attempts ?? job.attempts,
      catchUp: own?.catch_up ?? job.catchUp,
      parameters: own?.parameters ?? {},
    }];
  }));
}

/** A run that begins later than this was not late for want of a free place: no service ran. */
const LATE_MS = 60_000;

/** Queues a run for each job that is due, once over all replicas, and sets each one's next time. */
export async function takeDue(sql: Pool, plans: ReadonlyMap<string, Plan>): Promise<void> {
  await sql.begin(async (tx) => {
    for (const due of await lockDueJobs(tx, [...plans.keys()])) {
      const plan = plans.get(due.name);
      if (!plan) continue;
      if (due.nextAt) await addDue(tx, plan, due.nextAt, due);
      await setNext(tx, due.name, nextTime(plan.schedule, plan.timeZone, due.now));
    }
  });
}

async function addDue(
  sql: Sql,
  { job, catchUp }: Plan,
  scheduledFor: Date,
  { now }: DueJob,
): Promise<void> {
  const isLate = now.getTime() - scheduledFor.getTime() > LATE_MS;
  const skip = (message: string) =>
    addSkipped(sql, { id: uuidV7(now.getTime()), job: job.name, scheduledFor, message });
  if (isLate && catchUp === "skip") return await skip("No service ran at that time");
  if (await hasOpenRun(sql, job.name)) return await skip("The run before had not ended");
  await addRun(sql, {
    id: uuidV7(now.getTime()),
    job: job.name,
    trigger: isLate ? "catch_up" : "schedule",
    scheduledFor,
    attempt: 1,
    parameters: {},
    waitMs: 0,
  });
}
