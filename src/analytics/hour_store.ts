import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { HourOfSubject, Measure, SubjectKind } from "./anomaly_rules.ts";

export const HOUR_MS = 3_600_000;
/** Subjects of one kind and hour that are kept, those with the most calls: names of tools are anybody's to make up. */
export const MAX_SUBJECTS = 2000;
/** Characters of a name; beyond that it is the same subject. */
const MAX_NAME = 200;

/** Counts an hour anew from the audit, in the place of what was counted before. `hour` is its beginning. */
export async function countHour(sql: Sql, hour: number): Promise<void> {
  const [from, to] = [new Date(hour), new Date(hour + HOUR_MS)];
  await sql`delete from call_hours where hour = ${from}`;
  await sql`
    insert into call_hours (subject_kind, subject, hour, calls, denied, failed, cost_microdollars)
    select subject_kind, subject, ${from}, calls, denied, failed, cost
      from (select counted.*, row_number() over (partition by subject_kind order by calls desc, subject) as place
              from (select case when grouping(user_id) = 0 then 'user' when grouping(agent) = 0 then 'agent'
                                else 'tool' end as subject_kind,
                           coalesce(user_id, agent, target) as subject,
                           count(*) filter (where kind = 'decision') as calls,
                           count(*) filter (where kind = 'decision' and decision = 'deny') as denied,
                           count(*) filter (where kind = 'outcome' and decision in ('error', 'timeout')) as failed,
                           sum(cost_microdollars) as cost
                      from (select left(user_id, ${MAX_NAME}) as user_id, left(target, ${MAX_NAME}) as target,
                                   left(detail ->> 'agent', ${MAX_NAME}) as agent, kind, decision, cost_microdollars
                              from audit
                             where id >= ${lowestUuidV7(hour)} and id < ${
    lowestUuidV7(hour + HOUR_MS)
  }
                               and created_at >= ${from} and created_at < ${to}
                               and kind in ('decision', 'outcome')) rows
                     group by grouping sets ((user_id), (agent), (target))) counted
             where subject is not null) placed
     where place <= ${MAX_SUBJECTS}
  `;
}

/** Up to when hours were counted, in milliseconds; undefined before the first time. */
export async function findProgress(sql: Sql): Promise<number | undefined> {
  const [row] = await sql<{ counted: Date }[]>`select counted from call_hours_progress for update`;
  return row?.counted.getTime();
}

export async function saveProgress(sql: Sql, counted: number): Promise<void> {
  await sql`
    insert into call_hours_progress (counted) values (${new Date(counted)})
    on conflict (one) do update set counted = excluded.counted
  `;
}

/** The time of the oldest row of the audit; undefined when there is none. */
export async function findOldestRow(sql: Sql): Promise<number | undefined> {
  const [row] = await sql<{ createdAt: Date }[]>`
    select created_at from audit where kind = 'decision' order by id limit 1
  `;
  return row?.createdAt.getTime();
}

/** What the subjects of an hour did in it, and on average in their hours of the `windowHours` before. */
export async function listSubjects(
  sql: Sql,
  hour: number,
  windowHours: number,
): Promise<readonly HourOfSubject[]> {
  const rows = await sql<(Pick<HourOfSubject, "subjectKind" | "subject" | "samples"> & Numbers)[]>`
    select c.subject_kind, c.subject, c.calls, c.denied, c.failed, c.cost_microdollars,
           count(b.hour)::int as samples, coalesce(avg(b.calls), 0)::float8 as mean_calls,
           coalesce(avg(b.denied), 0)::float8 as mean_denied,
           coalesce(avg(b.failed), 0)::float8 as mean_failed,
           coalesce(avg(b.cost_microdollars), 0)::float8 as mean_cost_microdollars
      from call_hours c
      left join call_hours b on b.subject_kind = c.subject_kind and b.subject = c.subject
           and b.hour < c.hour and b.hour >= c.hour - make_interval(hours => ${windowHours})
           and b.calls > 0
     where c.hour = ${new Date(hour)}
     group by c.subject_kind, c.subject, c.hour
  `;
  return rows.map(({ subjectKind, subject, samples, ...n }) => ({
    subjectKind,
    subject,
    samples,
    values: {
      calls: n.calls,
      denied: n.denied,
      failed: n.failed,
      cost_microdollars: n.costMicrodollars,
    },
    baselines: {
      calls: n.meanCalls,
      denied: n.meanDenied,
      failed: n.meanFailed,
      cost_microdollars: n.meanCostMicrodollars,
    },
  }));
}

interface Numbers {
  readonly calls: number;
  readonly denied: number;
  readonly failed: number;
  readonly costMicrodollars: number;
  readonly meanCalls: number;
  readonly meanDenied: number;
  readonly meanFailed: number;
  readonly meanCostMicrodollars: number;
}

export interface CountedHour {
  readonly hour: Date;
  readonly value: number;
}

/** A measure of a subject, hour by hour, in `[from, to]`. */
export async function listHours(
  sql: Sql,
  { subjectKind, subject, measure }: {
    readonly subjectKind: SubjectKind;
    readonly subject: string;
    readonly measure: Measure;
  },
  from: Date,
  to: Date,
): Promise<readonly CountedHour[]> {
  return await sql<CountedHour[]>`
    select hour, ${sql(measure)} as value from call_hours
     where subject_kind = ${subjectKind} and subject = ${subject} and hour >= ${from} and hour <= ${to}
     order by hour
  `;
}

/** Removes hours before `before`. */
export async function forgetHours(sql: Sql, before: number): Promise<void> {
  await sql`delete from call_hours where hour < ${new Date(before)}`;
}
