import type { CliContext } from "../../context.ts";
import type { DryRunFlag } from "../../flags.ts";
import { runOne } from "./run_one.ts";

interface Flags extends DryRunFlag {
  readonly hours: number;
}

export default async function cleanupSessions(this: CliContext, flags: Flags): Promise<void> {
  const { hours, dryRun } = flags;
  const run = await runOne(this, "session-expiry", { hours, dry_run: dryRun });
  this.out.card({
    kind: "jobs.cleanup_sessions",
    data: {
      job_name: run.job,
      run_id: run.id,
      sessions_cleaned: run.processed ?? 0,
      hours_threshold: hours,
      dry_run: dryRun,
      message: run.message,
    },
  });
}
