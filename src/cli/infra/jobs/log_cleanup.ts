import type { CliContext } from "../../context.ts";
import type { DryRunFlag } from "../../flags.ts";
import { runOne } from "./run_one.ts";

interface Flags extends DryRunFlag {
  readonly days: number;
}

export default async function logCleanup(this: CliContext, flags: Flags): Promise<void> {
  const { days, dryRun } = flags;
  const run = await runOne(this, "log-cleanup", { days, dry_run: dryRun });
  this.out.card({
    kind: "jobs.log_cleanup",
    data: {
      job_name: run.job,
      run_id: run.id,
      entries_deleted: run.processed ?? 0,
      days_threshold: days,
      dry_run: dryRun,
      message: run.message,
    },
  });
}
