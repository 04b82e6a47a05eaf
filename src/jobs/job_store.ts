import type { Sql } from "../db/mod.ts";

/** A job as the schedulers agreed on it. */
export interface JobState {
  readonly name: string;
  /** As configured; `enabled` is the operator's switch and goes before it, null where there is none. */
  readonly configured: boolean;
  readonly enabled: boolean | null;
  readonly schedule: string;
  readonly timeZone: string;
  /** null while it is switched off. */
  readonly nextAt: Date | null;
}

/** A job that has to be looked at: its time has come, or it has none yet. */
export interface DueJob {
  readonly name: string;
  readonly nextAt: Date | null;
  /** The database's time. */
  readonly now: Date;
}

/** Stores what is configured. Another schedule than before is planned anew. */
export async function storeJobs(
  sql: Sql,
  jobs: readonly Pick<JobState, "name" | "configured" | "schedule" | "timeZone">[],
): Promise<void> {
  await sql`
    insert into jobs (name, configured, schedule, time_zone)
    select name, configured, schedule, "timeZone"
      from jsonb_to_recordset(${sql.json(jobs)})
        as job (name text, configured boolean, schedule text, "timeZone" text)
     order by name
        on conflict (name) do update
       set configured = excluded.configured, schedule = excluded.schedule, time_zone = excluded.time_zone,
           next_at = case when jobs.schedule = excluded.schedule and jobs.time_zone = excluded.time_zone
                          then jobs.next_at end
     where (jobs.configured, jobs.schedule, jobs.time_zone)
             is distinct from (excluded.configured, excluded.schedule, excluded.time_zone)
  `;
}

/** Locks the jobs among `names` that are due or not planned yet; those that another replica holds are left to it. */
export async function lockDueJobs(sql: Sql, names: readonly string[]): Promise<DueJob[]> {
  return await sql<DueJob[]>`
    select name, next_at, clock_timestamp() as now
      from jobs
     where name = any(${names as string[]}) and coalesce(enabled, configured)
       and (next_at is null or next_at <= clock_timestamp())
     order by name
       for update skip locked
  `;
}

export async function setNext(sql: Sql, name: string, nextAt: Date | undefined): Promise<void> {
  await sql`update jobs set next_at = ${nextAt ?? null} where name = ${name}`;
}

/** A job that is switched off has no next time: switched on again, it is not late. */
export async function unplanDisabled(sql: Sql): Promise<void> {
  await sql`
    update jobs set next_at = null where not coalesce(enabled, configured) and next_at is not null
  `;
}

/** False when no scheduler has ever stored a job of this name. */
export async function setEnabled(sql: Sql, name: string, enabled: boolean): Promise<boolean> {
  const { count } = await sql`update jobs set enabled = ${enabled} where name = ${name}`;
  return count > 0;
}

export async function listStates(sql: Sql): Promise<JobState[]> {
  return await sql<JobState[]>`
    select name, configured, enabled, schedule, time_zone, next_at from jobs
  `;
}

export async function findMark(sql: Sql, name: string): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await sql`select mark from jobs where name = ${name}`;
  return row?.mark ?? {};
}

export async function storeMark(
  sql: Sql,
  name: string,
  mark: Readonly<Record<string, unknown>>,
): Promise<void> {
  await sql`update jobs set mark = ${sql.json(mark as never)} where name = ${name}`;
}
