import { askForRun, getJob, listJobs, type Run } from "../../../jobs/mod.ts";
import type { Pool } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { jobsContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { followRun } from "./follow.ts";
import { lengthOf, runRow, type RunView } from "./view.ts";

interface Flags {
  readonly all: boolean;
  readonly tag?: string;
  readonly sequential: boolean;
  readonly param?: readonly string[];
}

export default async function run(
  this: CliContext,
  flags: Flags,
  ...names: readonly string[]
): Promise<void> {
  const parameters = readParameters(flags.param ?? []);
  for (const name of names) getJob(name);
  const { sql } = await openDatabase(this);
  const chosen = await chooseJobs(sql, flags, names);
  const runs = flags.sequential
    ? await runInTurn(this, sql, chosen, parameters)
    : await runTogether(this, sql, chosen, parameters);
  report(this, runs);
}

/** `KEY=VALUE` texts as an object. Throws `usage`. */
function readParameters(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw new AppError("usage", `Cannot read ${JSON.stringify(text)}: expected KEY=VALUE`);
  }));
}

async function chooseJobs(
  sql: Pool,
  { all, tag }: Flags,
  names: readonly string[],
): Promise<string[]> {
  if ([names.length > 0, all, tag !== undefined].filter(Boolean).length !== 1) {
    throw new AppError("usage", "Expected jobs, or --all, or --tag");
  }
  if (names.length > 0) return [...new Set(names)];
  const jobs = (await listJobs(sql)).filter(({ enabled, tags }) =>
    tag === undefined ? enabled : tags.includes(tag)
  );
  if (jobs.length > 0) return jobs.map(({ name }) => name);
  throw new AppError("not_found", `No job has the tag ${JSON.stringify(tag)}`);
}

type Parameters = Readonly<Record<string, unknown>>;

async function runTogether(
  context: CliContext,
  sql: Pool,
  names: readonly string[],
  parameters: Parameters,
): Promise<Run[]> {
  const ids: string[] = [];
  for (const name of names) ids.push(await ask(context, sql, name, parameters));
  const runs: Run[] = [];
  for (const id of ids) runs.push(await followRun(context, sql, id));
  return runs;
}

async function runInTurn(
  context: CliContext,
  sql: Pool,
  names: readonly string[],
  parameters: Parameters,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const name of names) {
    runs.push(await followRun(context, sql, await ask(context, sql, name, parameters)));
  }
  return runs;
}

function ask(
  context: CliContext,
  sql: Pool,
  name: string,
  parameters: Parameters,
): Promise<string> {
  return askForRun(jobsContext(context, sql), name, parameters);
}

function report({ out, setExit }: CliContext, runs: readonly Run[]): void {
  const rows = runs.map(runRow);
  const succeeded = rows.filter(({ status }) => status === "ok").length;
  out.table({
    kind: "jobs.run",
    rows,
    columns: [
      { label: "JOB", of: (row) => row.job_name },
      "status",
      { label: "TOOK", of: (row) => lengthOf(row.duration_ms), align: "right" },
      "message",
      { label: "RUN", of: (row) => row.run_id },
    ],
    data: {
      jobs_run: rows.map(withResult),
      total: rows.length,
      succeeded,
      failed: rows.length - succeeded,
    },
  });
  if (succeeded < rows.length) setExit(EXIT.failure);
}

function withResult(row: RunView): Readonly<Record<string, unknown>> {
  const { message, items_processed, items_failed } = row;
  const result = { success: row.status === "ok", message, items_processed, items_failed };
  return { ...row, result };
}
