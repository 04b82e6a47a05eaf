import { appendRows, eventRow } from "../../audit/mod.ts";
import { type Actor, countUnused, endSessions } from "../../identity/mod.ts";
import type * as z from "zod";
import type { JobContext, JobResult } from "../job.ts";
import type { SESSION_EXPIRY } from "../parameters.ts";

const SCHEDULER: Actor = {
  userId: "scheduler",
  role: "service",
  surface: "cli",
  clientId: "jobs",
};

const HOUR_MS = 3_600_000;

/** Ends sessions that were not used for a while, but for those of API keys; each is a row. */
export async function sessionExpiry(
  { sql, clock, writer, parameters }: JobContext<z.output<typeof SESSION_EXPIRY>>,
): Promise<JobResult> {
  const { hours, dry_run } = parameters;
  if (hours === 0) return { message: "Sessions end by their own time", processed: 0 };
  const unusedSince = new Date(clock.now() - hours * HOUR_MS);
  if (dry_run) {
    const count = await countUnused(sql, unusedSince);
    return { message: `Would end ${count} sessions`, processed: count };
  }
  const context = {
    sql,
    clock,
    record: (tx: Parameters<typeof appendRows>[0], events: Parameters<typeof eventRow>[0][]) =>
      appendRows(tx, writer, events.map((event) => eventRow(event, clock.now()))),
  };
  const ended = await endSessions(context as never, SCHEDULER, { unusedSince, keepKeys: true });
  return { message: `Ended ${ended.length} sessions`, processed: ended.length };
}
