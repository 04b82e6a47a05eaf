import { askForRun, type Run } from "../../../jobs/mod.ts";
import { jobsContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { followRun } from "./follow.ts";

/** Has the service run a job and answers how that ended; the exit status says whether it succeeded. */
export async function runOne(
  context: CliContext,
  job: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Run> {
  const { sql } = await openDatabase(context);
  const id = await askForRun(jobsContext(context, sql), job, parameters);
  const run = await followRun(context, sql, id);
  if (run.status !== "ok") context.setExit(EXIT.failure);
  return run;
}
