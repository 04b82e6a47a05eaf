import { switchJob } from "../../../jobs/mod.ts";
import { jobsContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export async function enable(this: CliContext, _: object, name: string): Promise<void> {
  await set(this, name, true);
}

export async function disable(this: CliContext, _: object, name: string): Promise<void> {
  await set(this, name, false);
}

async function set(context: CliContext, name: string, enabled: boolean): Promise<void> {
  const { sql } = await openDatabase(context);
  await switchJob(jobsContext(context, sql), name, enabled);
  const message = `"${name}" is switched ${enabled ? "on" : "off"} at every replica`;
  context.out.card({
    kind: enabled ? "jobs.enable" : "jobs.disable",
    data: { job_name: name, enabled, message },
  });
}
