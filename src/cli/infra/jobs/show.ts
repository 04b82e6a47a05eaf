import { getJob, listJobs, listRuns, listTimes } from "../../../jobs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { cardView, tableView } from "../../output/view.ts";
import { RUN_COLUMNS, runRow } from "./view.ts";

const RUNS = 5;
const TIMES = 3;

export default async function show(this: CliContext, _: object, name: string): Promise<void> {
  const shipped = getJob(name);
  const { sql } = await openDatabase(this);
  const job = (await listJobs(sql)).find((each) => each.name === name);
  if (!job) return;
  const runs = (await listRuns(sql, { job: name, limit: RUNS })).map(runRow);
  const failed = job.lastStatus !== null && job.lastStatus !== "ok" && job.lastStatus !== "running";
  const now = new Date(this.clock.now());
  const data = {
    name,
    description: job.description,
    tags: job.tags,
    schedule: job.schedule,
    time_zone: job.timeZone,
    enabled: job.enabled,
    enabled_by: job.enabledBy,
    next_run: job.nextRun,
    next_runs: job.enabled ? listTimes(job.schedule, job.timeZone, now, TIMES) : [],
    last_run: job.lastRun,
    last_status: job.lastStatus,
    last_message: job.lastMessage,
    last_error: failed ? job.lastMessage : null,
    run_count: job.runCount,
    default_timeout_ms: shipped.timeoutMs,
    default_attempts: shipped.attempts,
    default_catch_up: shipped.catchUp,
  };
  this.out.report({
    kind: "jobs.show",
    data: { ...data, runs },
    views: [cardView(data), tableView(RUN_COLUMNS, runs, "Newest runs")],
  });
}
