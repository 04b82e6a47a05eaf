import type { Pool, Sql } from "../db/mod.ts";
import type { Actor } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { didYouMean } from "../kernel/suggest.ts";
import type { Job } from "./job.ts";
import { setEnabled } from "./job_store.ts";
import { listNodes } from "./node_store.ts";
import { isOver, type Run } from "./run.ts";
import { findRun, findRunsLike, listOpenRuns, requestRun, setCancelled } from "./run_store.ts";
import { JOBS } from "./shipped.ts";

/** A row about jobs, before it has an id and a time. Fits the audit's input for such rows. */
export interface JobEvent extends Actor {
  readonly kind: "admin";
  readonly target: `jobs:${"run_requested" | "run_cancelled" | "enabled" | "disabled"}`;
  readonly decision: "ok";
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What asking something of the schedulers needs. A login that may serve is enough. */
export interface JobsContext {
  readonly sql: Pool;
  readonly actor: Actor;
  /** Writes the rows in the transaction of what they tell of: both or neither. */
  record(sql: Sql, events: readonly JobEvent[]): Promise<void>;
}

/** The shipped job of this name. Throws `not_found`. */
export function getJob(name: string): Job {
  const job = JOBS.find((each) => each.name === name);
  if (job) return job;
  const hint = didYouMean(name, JOBS.map((each) => each.name)) ?? 'See "spgov infra jobs list".';
  throw new AppError("not_found", `Cannot find the job ${JSON.stringify(name)}`, { hint });
}

/**
 * Asks the schedulers for a run, and answers its id. Throws `not_found` for another job, `invalid` for
 * parameters that it does not have or that only the configuration sets, `unavailable` when no scheduler is
 * alive to take it up.
 */
export async function askForRun(
  { sql: pool, actor, record }: JobsContext,
  name: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const job = getJob(name);
  checkParameters(job, parameters);
  if ((await listNodes(pool)).length === 0) {
    throw new AppError("unavailable", `Cannot run "${name}": no service takes up jobs`, {
      hint: 'Run "spgov start", or see "enabled" in services/scheduler/config.yaml.',
    });
  }
  const id = uuidV7();
  await pool.begin(async (sql) => {
    await requestRun(sql, { id, job: name, requestedBy: actor.userId, parameters });
    const detail = { job: name, run: id, parameters };
    await record(sql, [jobEvent(actor, "run_requested", detail)]);
  });
  return id;
}

function checkParameters(job: Job, parameters: Readonly<Record<string, unknown>>): void {
  const fixed = Object.keys(parameters).find((key) => job.fixed?.includes(key));
  if (fixed !== undefined) {
    throw new AppError("invalid", `Cannot set "${fixed}" for a run of "${job.name}"`, {
      hint: "Only services/scheduler/config.yaml sets it.",
    });
  }
  const parsed = job.parameters.safeParse(parameters);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`
  );
  throw new AppError("invalid", `Cannot run "${job.name}": ${problems.join("; ")}`);
}

/**
 * Cancels the run that `reference` names: its id, the beginning of that, or a job of which a run is under way
 * or waits. What runs is told to end; follow it to see it end. Throws `not_found`, and `conflict` when it is over.
 */
export async function cancelRun(
  { sql: pool, actor, record }: JobsContext,
  reference: string,
): Promise<Run> {
  const run = await getOpenRun(pool, reference);
  await pool.begin(async (sql) => {
    if (!await setCancelled(sql, run.id, actor.userId)) throw cannotCancel(run);
    await record(sql, [jobEvent(actor, "run_cancelled", { job: run.job, run: run.id })]);
  });
  return run;
}

async function getOpenRun(sql: Sql, reference: string): Promise<Run> {
  const run = JOBS.some(({ name }) => name === reference)
    ? (await listOpenRuns(sql, reference)).at(0)
    : await getRun(sql, reference);
  if (!run) throw new AppError("not_found", `No run of "${reference}" is under way or waits`);
  if (isOver(run)) throw cannotCancel(run);
  return run;
}

/** The run with this id, or whose id alone begins so. Throws `not_found`. */
export async function getRun(sql: Sql, reference: string): Promise<Run> {
  const runs = /^[0-9a-f-]{4,36}$/.test(reference) ? await findRunsLike(sql, reference) : [];
  const [run] = runs;
  if (run && runs.length === 1) return await findRun(sql, run.id) ?? run;
  throw new AppError(
    "not_found",
    `Cannot find ${runs.length === 0 ? "a" : "one"} run ${JSON.stringify(reference)}`,
    { hint: 'See "spgov infra jobs history".' },
  );
}

function cannotCancel({ id, job, status, cancelledBy }: Run): AppError {
  const why = cancelledBy === null || isOver({ status })
    ? `it is over (${status})`
    : `"${cancelledBy}" cancelled it already`;
  return new AppError("conflict", `Cannot cancel the run ${id} of "${job}": ${why}`);
}

/** Switches a job on or off at every replica, whatever the configuration says of it. Throws `not_found`. */
export async function switchJob(
  { sql: pool, actor, record }: JobsContext,
  name: string,
  enabled: boolean,
): Promise<void> {
  getJob(name);
  await pool.begin(async (sql) => {
    if (!await setEnabled(sql, name, enabled)) {
      throw new AppError(
        "unavailable",
        `Cannot switch "${name}": no service has planned jobs yet`,
        {
          hint: 'Run "spgov start" once.',
        },
      );
    }
    await record(sql, [jobEvent(actor, enabled ? "enabled" : "disabled", { job: name })]);
  });
}

function jobEvent(
  actor: Actor,
  name: "run_requested" | "run_cancelled" | "enabled" | "disabled",
  detail: JobEvent["detail"],
): JobEvent {
  return { ...actor, kind: "admin", target: `jobs:${name}`, decision: "ok", detail };
}
