import { findRun, isOver, listNodes, type Run } from "../../../jobs/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { pause } from "../../../kernel/pause.ts";
import type { CliContext } from "../../context.ts";

const LOOK_MS = 200;
/** Looks between two questions whether anybody is left to end the run. */
const LOOKS = 50;

/**
 * Waits until a run is over, and shows how far it is. Throws `unavailable` when no service is left that would
 * end it, and when the user ends the command: the run goes on.
 */
export async function followRun(context: CliContext, sql: Pool, id: string): Promise<Run> {
  for (let look = 1;; look++) {
    const run = await findRun(sql, id);
    if (!run) throw new AppError("not_found", `Cannot find the run ${id}: it was removed`);
    if (isOver(run)) return run;
    if (context.signal.aborted) {
      throw new AppError("unavailable", `The run ${id} of "${run.job}" goes on`, {
        hint: `Run "spgov infra jobs cancel ${id}" to end it.`,
      });
    }
    if (look % LOOKS === 0 && (await listNodes(sql)).length === 0) {
      throw new AppError("unavailable", `No service is left to end the run ${id} of "${run.job}"`, {
        hint: 'The next one that starts takes it up, or marks it: see "spgov infra jobs history".',
      });
    }
    context.out.progress(describe(run));
    await pause(LOOK_MS, context.signal);
  }
}

function describe(run: Run): string {
  const { job, status, progressDone, progressTotal, progressNote } = run;
  if (status === "queued") return `${job}: waits`;
  const far = progressDone === null
    ? ""
    : ` ${progressDone}${progressTotal === null ? "" : ` of ${progressTotal}`}`;
  return `${job}: runs${far}${progressNote === null ? "" : ` (${progressNote})`}`;
}
