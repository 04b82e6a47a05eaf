import { isOver, type Run } from "../../../jobs/mod.ts";

/** A run as `--json` prints it. */
export interface RunView {
  readonly run_id: string;
  readonly job_name: string;
  readonly status: string;
  readonly trigger: string;
  readonly attempt: number;
  readonly requested_by: string;
  readonly scheduled_for: Date | null;
  readonly run_at: Date | null;
  readonly finished_at: Date | null;
  readonly duration_ms: number | null;
  readonly node: string | null;
  readonly message: string | null;
  /** The message of a run that did not succeed. */
  readonly error: string | null;
  readonly items_processed: number | null;
  readonly items_failed: number | null;
  readonly cancelled_by: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export function runRow(run: Run): RunView {
  const { startedAt, finishedAt, status, message } = run;
  return {
    run_id: run.id,
    job_name: run.job,
    status,
    trigger: run.trigger,
    attempt: run.attempt,
    requested_by: run.requestedBy,
    scheduled_for: run.scheduledFor,
    run_at: startedAt,
    finished_at: finishedAt,
    duration_ms: startedAt && finishedAt ? Number(finishedAt) - Number(startedAt) : null,
    node: run.node,
    message,
    error: isOver(run) && status !== "ok" ? message : null,
    items_processed: run.processed,
    items_failed: run.failed,
    cancelled_by: run.cancelledBy,
    parameters: run.parameters,
  };
}

export const RUN_COLUMNS = [
  { label: "RUN", of: (row: RunView) => row.run_id },
  { label: "JOB", of: (row: RunView) => row.job_name },
  "status",
  { label: "WHY", of: (row: RunView) => row.attempt > 1 ? `retry ${row.attempt}` : row.trigger },
  { label: "BEGAN", of: (row: RunView) => row.run_at ?? row.scheduled_for },
  { label: "TOOK", of: (row: RunView) => lengthOf(row.duration_ms), align: "right" },
  "message",
] as const;

/** `420 ms`, `3.1 s`, `2 min`. */
export function lengthOf(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 1000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
