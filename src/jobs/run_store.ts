import type { Sql } from "../db/mod.ts";
import type { Run, RunStatus, RunTrigger } from "./run.ts";

export interface NewRun {
  readonly id: string;
  readonly job: string;
  readonly trigger: RunTrigger;
  readonly scheduledFor: Date;
  readonly attempt: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly waitMs: number;
}

/** Queues a run that the scheduler wants; a second one for the same attempt of the same time is none. */
export async function addRun(sql: Sql, run: NewRun): Promise<void> {
  await sql`
    insert into job_runs (id, job, trigger, requested_by, scheduled_for, attempt, parameters, not_before)
    values (${run.id}, ${run.job}, ${run.trigger}, 'scheduler', ${run.scheduledFor}, ${run.attempt},
            ${
    sql.json(run.parameters as never)
  }, clock_timestamp() + make_interval(secs => ${run.waitMs}::float8 / 1000))
        on conflict do nothing
  `;
}

/** Keeps that a due time got no run. */
export async function addSkipped(
  sql: Sql,
  { id, job, scheduledFor, message }: Pick<Run, "id" | "job" | "message"> & {
    readonly scheduledFor: Date;
  },
): Promise<void> {
  await sql`
    insert into job_runs (id, job, trigger, requested_by, scheduled_for, status, finished_at, message)
    values (${id}, ${job}, 'schedule', 'scheduler', ${scheduledFor}, 'skipped', clock_timestamp(), ${message})
        on conflict do nothing
  `;
}

/** Queues a run that somebody asked for. Needs no more than gateways may. */
export async function requestRun(
  sql: Sql,
  { id, job, requestedBy, parameters }: Pick<Run, "id" | "job" | "requestedBy" | "parameters">,
): Promise<void> {
  await sql`
    insert into job_runs (id, job, requested_by, parameters)
    values (${id}, ${job}, ${requestedBy}, ${sql.json(parameters as never)})
  `;
}

export async function hasOpenRun(sql: Sql, job: string): Promise<boolean> {
  const [row] = await sql`
    select from job_runs where job = ${job} and status in ('queued', 'running') limit 1
  `;
  return row !== undefined;
}

/**
 * Takes the run that has waited longest, of jobs among `names` that do not run now; undefined when there is
 * none. Throws a unique violation when another replica has just begun a run of the same job.
 */
export async function claimRun(
  sql: Sql,
  node: string,
  names: readonly string[],
): Promise<Run | undefined> {
  const [run] = await sql<Run[]>`
    update job_runs
       set status = 'running', node = ${node}, started_at = clock_timestamp(), heartbeat_at = clock_timestamp()
     where id = (
       select id from job_runs as waiting
        where status = 'queued' and not_before <= clock_timestamp() and job = any(${names as string[]})
          and not exists (select from job_runs where job = waiting.job and status = 'running')
        order by not_before, id limit 1
          for update skip locked)
    returning *
  `;
  return run;
}

export interface Beat {
  readonly id: string;
  readonly node: string;
  readonly done: number | null;
  readonly total: number | null;
  readonly note: string | null;
}

/** Says that a run is alive. `gone`: it is no longer this node's. */
export async function beat(sql: Sql, run: Beat): Promise<"running" | "cancelled" | "gone"> {
  const [row] = await sql<{ cancelledBy: string | null }[]>`
    update job_runs
       set heartbeat_at = clock_timestamp(), progress_done = ${run.done}, progress_total = ${run.total},
           progress_note = ${run.note}
     where id = ${run.id} and node = ${run.node} and status = 'running'
    returning cancelled_by
  `;
  if (!row) return "gone";
  return row.cancelledBy === null ? "running" : "cancelled";
}

export interface RunEnd {
  readonly status: Exclude<RunStatus, "queued" | "running" | "skipped">;
  readonly message: string;
  readonly processed: number | null;
  readonly failed: number | null;
}

/** False when the run is no longer this node's. */
export async function endRun(
  sql: Sql,
  { id, node }: { readonly id: string; readonly node: string },
  { status, message, processed, failed }: RunEnd,
): Promise<boolean> {
  const { count } = await sql`
    update job_runs
       set status = ${status}, message = ${message}, processed = ${processed}, failed = ${failed},
           finished_at = clock_timestamp()
     where id = ${id} and node = ${node} and status = 'running'
  `;
  return count > 0;
}

/** Marks runs whose node has not been heard of for `ms`, and answers them. */
export async function markLost(sql: Sql, ms: number): Promise<Run[]> {
  return await sql<Run[]>`
    update job_runs
       set status = 'lost', finished_at = clock_timestamp(),
           message = 'The service that ran it ("' || node || '") was not heard of any more'
     where status = 'running' and heartbeat_at < clock_timestamp() - make_interval(secs => ${ms}::float8 / 1000)
    returning *
  `;
}

/** Ends runs that were cancelled before anybody took them up. */
export async function dropCancelled(sql: Sql): Promise<void> {
  await sql`
    update job_runs
       set status = 'cancelled', finished_at = clock_timestamp(), message = 'Cancelled before it began'
     where status = 'queued' and cancelled_by is not null
  `;
}

/** Asks whoever runs it to end a run. False when it is over already. */
export async function setCancelled(sql: Sql, id: string, by: string): Promise<boolean> {
  const { count } = await sql`
    update job_runs set cancelled_by = ${by}
     where id = ${id} and status in ('queued', 'running') and cancelled_by is null
  `;
  return count > 0;
}

/** Milliseconds until the next job is due or the next run may begin; undefined when nothing waits. */
export async function nextWaitMs(sql: Sql, names: readonly string[]): Promise<number | undefined> {
  const [row] = await sql<{ ms: number | null }[]>`
    select (extract(epoch from min(at) - clock_timestamp()) * 1000)::float8 as ms
      from (select next_at as at from jobs where name = any(${names as string[]})
            union all
            select not_before from job_runs
             where status = 'queued' and not_before > clock_timestamp()) as waiting
  `;
  return row?.ms ?? undefined;
}

export async function findRun(sql: Sql, id: string): Promise<Run | undefined> {
  const [run] = await sql<Run[]>`select * from job_runs where id = ${id}`;
  return run;
}

/** Runs whose id begins with `prefix`, digits and dashes of a UUID. */
export async function findRunsLike(sql: Sql, prefix: string): Promise<Run[]> {
  return await sql<Run[]>`select * from job_runs where id::text like ${`${prefix}%`} limit 2`;
}

/** Unfinished runs of a job, the one that runs first. */
export async function listOpenRuns(sql: Sql, job: string): Promise<Run[]> {
  return await sql<Run[]>`
    select * from job_runs where job = ${job} and status in ('queued', 'running')
     order by status desc, id
  `;
}

export interface RunFilter {
  readonly job?: string;
  readonly status?: RunStatus;
  /** Runs before this id. */
  readonly before?: string;
  readonly limit: number;
}

/** Newest first. */
export async function listRuns(sql: Sql, filter: RunFilter): Promise<Run[]> {
  const { job, status, before, limit } = filter;
  return await sql<Run[]>`
    select * from job_runs
     where true
       ${job === undefined ? sql`` : sql`and job = ${job}`}
       ${status === undefined ? sql`` : sql`and status = ${status}`}
       ${before === undefined ? sql`` : sql`and id < ${before}`}
     order by id desc limit ${limit}
  `;
}

/** How a job has fared: its newest run that began, and how many did. */
export interface JobRecord {
  readonly job: string;
  readonly runs: number;
  readonly lastRun: Date;
  readonly lastStatus: RunStatus;
  readonly lastMessage: string | null;
}

export async function listRecords(sql: Sql): Promise<JobRecord[]> {
  return await sql<JobRecord[]>`
    select job, count(*) as runs, max(started_at) as last_run,
           (array_agg(status order by started_at desc))[1] as last_status,
           (array_agg(message order by started_at desc))[1] as last_message
      from job_runs where started_at is not null group by job
  `;
}

/** Removes runs that ended more than `ms` ago, but the newest of each job; answers how many. */
export async function deleteOldRuns(sql: Sql, ms: number): Promise<number> {
  const { count } = await sql`
    delete from job_runs as run
     where finished_at < clock_timestamp() - make_interval(secs => ${ms}::float8 / 1000)
       and exists (select from job_runs where job = run.job and id > run.id)
  `;
  return count;
}
