import type { Sql } from "../db/mod.ts";
import { nextTime } from "./cron.ts";
import type { Job } from "./job.ts";
import { type JobState, listStates } from "./job_store.ts";
import type { RunStatus } from "./run.ts";
import { type JobRecord, listRecords } from "./run_store.ts";
import { JOBS } from "./shipped.ts";

/** A job as people ask for it: what it does, when, and how it fared. */
export interface JobOverview {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schedule: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  /** What `enabled` comes from. */
  readonly enabledBy: "configuration" | "operator";
  readonly nextRun: Date | null;
  readonly lastRun: Date | null;
  readonly lastStatus: RunStatus | null;
  readonly lastMessage: string | null;
  readonly runCount: number;
}

/** Every job, in the order of the list they are shipped in. Before a first start: as shipped. */
export async function listJobs(sql: Sql): Promise<JobOverview[]> {
  const states = new Map((await listStates(sql)).map((state) => [state.name, state]));
  const records = new Map((await listRecords(sql)).map((record) => [record.job, record]));
  return JOBS.map((job) => overviewOf(job, states.get(job.name), records.get(job.name)));
}

function overviewOf(
  { name, description, tags, schedule, enabled = true }: Job,
  state: JobState | undefined,
  record: JobRecord | undefined,
): JobOverview {
  return {
    name,
    description,
    tags,
    schedule: state?.schedule ?? schedule,
    timeZone: state?.timeZone ?? "UTC",
    enabled: state?.enabled ?? state?.configured ?? enabled,
    enabledBy: typeof state?.enabled === "boolean" ? "operator" : "configuration",
    nextRun: state?.nextAt ?? null,
    lastRun: record?.lastRun ?? null,
    lastStatus: record?.lastStatus ?? null,
    lastMessage: record?.lastMessage ?? null,
    runCount: record?.runs ?? 0,
  };
}

/** The next `count` times of a schedule after `from`. */
export function listTimes(schedule: string, timeZone: string, from: Date, count: number): Date[] {
  const times: Date[] = [];
  for (let at: Date | undefined = from; at && times.length < count;) {
    at = nextTime(schedule, timeZone, at);
    if (at) times.push(at);
  }
  return times;
}
