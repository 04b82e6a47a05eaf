import { listJobs, listNodes } from "../../../jobs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function list(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const schedulers = await listNodes(sql);
  const rows = (await listJobs(sql)).map((job) => ({
    name: job.name,
    description: job.description,
    tags: job.tags,
    schedule: job.schedule,
    time_zone: job.timeZone,
    enabled: job.enabled,
    enabled_by: job.enabledBy,
    last_run: job.lastRun,
    last_status: job.lastStatus,
    next_run: job.nextRun,
  }));
  this.out.table({
    kind: "jobs.list",
    rows,
    columns: ["name", "schedule", "enabled", "last_run", "last_status", "next_run", "description"],
    data: { jobs: rows, total: rows.length, schedulers },
  });
  if (schedulers.length === 0) this.out.note("No service runs that takes up jobs.");
}
