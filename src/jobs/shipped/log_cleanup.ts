import type * as z from "zod";
import { cleanLines, countLines, oldLinesOf } from "../../logs/mod.ts";
import type { JobContext, JobResult } from "../job.ts";
import type { LOG_CLEANUP } from "../parameters.ts";

export async function logCleanup(
  { sql, clock, signal, parameters, progress }: JobContext<z.output<typeof LOG_CLEANUP>>,
): Promise<JobResult> {
  const { days, dry_run, waiting, ...levels } = parameters;
  const stay = days === undefined ? levels : { debug: days, info: days, warn: days, error: days };
  const old = oldLinesOf({ ...stay, waiting }, clock.now());
  if (dry_run) {
    const count = await countLines(sql, old);
    return { message: `Would remove ${count} log lines`, processed: 0 };
  }
  const removed = await cleanLines(sql, old, { signal, onProgress: (count) => progress(count) });
  const total = Object.values(removed).reduce((sum, each) => sum + each, 0);
  const list = Object.entries(removed).map(([level, count]) => `${count} ${level}`).join(", ");
  return { message: `Removed ${total} log lines (${list})`, processed: total };
}
