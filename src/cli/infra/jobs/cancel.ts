import { cancelRun } from "../../../jobs/mod.ts";
import { jobsContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { followRun } from "./follow.ts";
import { runRow } from "./view.ts";

export default async function cancel(this: CliContext, _: object, run: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const { id } = await cancelRun(jobsContext(this, sql), run);
  const ended = await followRun(this, sql, id);
  this.out.card({ kind: "jobs.cancel", data: { ...runRow(ended) } });
}
