/** `lost`: whoever ran it was stopped or is gone; `skipped`: a due time that got no run. */
export type RunStatus =
  | "queued"
  | "running"
  | "ok"
  | "failed"
  | "timeout"
  | "cancelled"
  | "lost"
  | "skipped";

/** `retry`: an attempt after one that did not succeed; `catch_up`: its time passed while no service ran. */
export type RunTrigger = "schedule" | "catch_up" | "retry" | "manual";

/** One run of a job, past, present or waiting. */
export interface Run {
  readonly id: string;
  readonly job: string;
  readonly trigger: RunTrigger;
  /** A user's id, or `scheduler`. */
  readonly requestedBy: string;
  /** The due time; null for a run on demand. */
  readonly scheduledFor: Date | null;
  readonly attempt: number;
  /** What this run says otherwise than the configuration. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: RunStatus;
  readonly createdAt: Date;
  readonly notBefore: Date;
  readonly node: string | null;
  readonly startedAt: Date | null;
  readonly heartbeatAt: Date | null;
  readonly finishedAt: Date | null;
  readonly cancelledBy: string | null;
  readonly progressDone: number | null;
  readonly progressTotal: number | null;
  readonly progressNote: string | null;
  readonly message: string | null;
  readonly processed: number | null;
  readonly failed: number | null;
}

/** Whether nothing more happens to a run. */
export function isOver({ status }: Pick<Run, "status">): boolean {
  return status !== "queued" && status !== "running";
}

const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

/** Milliseconds until the attempt after `attempt`: half a minute, then four times as long each time, up to an hour. */
export function backoffMs(attempt: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 4 ** (attempt - 1), LONGEST_WAIT_MS);
  return Math.round(wait * (0.8 + random * 0.4));
}
