import type { Sql } from "../db/mod.ts";
import { lowestUuidV7, uuidV7 } from "../kernel/ids.ts";
import type { Finding, Measure, Severity, SubjectKind } from "./anomaly_rules.ts";
import { HOUR_MS } from "./hour_store.ts";

/** An hour of a subject that was unlike those before it. */
export interface Anomaly extends Finding {
  readonly id: string;
  /** Its beginning. */
  readonly hour: Date;
  /** When it was first found, and when it last changed: an hour that goes on gets worse. */
  readonly foundAt: Date;
  readonly changedAt: Date;
}

/** The anomalies of an hour. */
export async function listOfHour(sql: Sql, hour: number): Promise<Anomaly[]> {
  return await sql<Anomaly[]>`select * from anomalies where hour = ${new Date(hour)}`;
}

/** Keeps a finding in the place of what was found of the same before. */
export async function saveAnomaly(
  sql: Sql,
  { subjectKind, subject, measure, severity, value, baseline, samples }: Finding,
  hour: number,
  now: number,
): Promise<Anomaly> {
  const [row] = await sql<Anomaly[]>`
    insert into anomalies (id, subject_kind, subject, hour, measure, severity, value, baseline, samples, found_at, changed_at)
    values (${uuidV7(now)}, ${subjectKind}, ${subject}, ${new Date(
    hour,
  )}, ${measure}, ${severity}, ${value},
            ${baseline}, ${samples}, ${new Date(now)}, ${new Date(now)})
    on conflict (hour, subject_kind, subject, measure) do update
       set severity = excluded.severity, value = excluded.value, baseline = excluded.baseline,
           samples = excluded.samples, changed_at = excluded.changed_at
    returning *
  `;
  if (!row) throw new TypeError("An anomaly was not kept");
  return row;
}

export interface AnomalyFilter {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly severity?: Severity | undefined;
  readonly kind?: SubjectKind | undefined;
  readonly subject?: string | undefined;
  readonly measure?: Measure | undefined;
}

/** Anomalies newest first; older than the one with id `before` where that is given. */
export async function listAnomalies(
  sql: Sql,
  { since, until, severity, kind, subject, measure }: AnomalyFilter,
  before: string | undefined,
  limit: number,
): Promise<Anomaly[]> {
  return await sql<Anomaly[]>`
    select * from anomalies
     where true
     ${since ? sql`and hour + interval '1 hour' > ${since}` : sql``}
     ${until ? sql`and hour < ${until}` : sql``}
     ${severity === undefined ? sql`` : sql`and severity = ${severity}`}
     ${kind === undefined ? sql`` : sql`and subject_kind = ${kind}`}
     ${subject === undefined ? sql`` : sql`and subject = ${subject}`}
     ${measure === undefined ? sql`` : sql`and measure = ${measure}`}
     ${before === undefined ? sql`` : sql`and id < ${before}`}
     order by id desc limit ${limit}
  `;
}

/** Anomalies whose id begins with `prefix` (hexadecimal, with its dashes or without), at most two. */
export async function listByPrefix(sql: Sql, prefix: string): Promise<Anomaly[]> {
  const digits = prefix.toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{1,32}$/.test(digits)) return [];
  return await sql<Anomaly[]>`
    select * from anomalies
     where id >= ${digits.padEnd(32, "0")}::uuid and id <= ${digits.padEnd(32, "f")}::uuid
     order by id limit 2
  `;
}

export interface AnomalyCount {
  readonly severity: Severity;
  readonly subjectKind: SubjectKind;
  readonly count: number;
}

/** How many anomalies there are of hours from `since` on. */
export async function countAnomalies(sql: Sql, since: Date, until?: Date): Promise<AnomalyCount[]> {
  return await sql<AnomalyCount[]>`
    select severity, subject_kind, count(*)::int as count from anomalies
     where hour + interval '1 hour' > ${since} ${until ? sql`and hour < ${until}` : sql``}
     group by severity, subject_kind
  `;
}

/** Removes anomalies of hours before `before`; answers how many. */
export async function forgetAnomalies(sql: Sql, before: number): Promise<number> {
  const { count } = await sql`delete from anomalies where hour < ${new Date(before)}`;
  return count;
}

/** Something that the calls of an anomaly's hour have in common. */
export interface Share {
  readonly by: "user" | "agent" | "tool" | "policy";
  readonly name: string;
  readonly calls: number;
}

const SHARES = 5;

/** Whose, with what, and how decided the calls of the hour were, the most frequent first. */
export async function listShares(
  sql: Sql,
  { subjectKind, subject, hour }: Pick<Anomaly, "subjectKind" | "subject" | "hour">,
): Promise<readonly Share[]> {
  const columns = { user: sql`user_id`, agent: sql`detail ->> 'agent'`, tool: sql`target` };
  const from = hour.getTime();
  return await sql<Share[]>`
    with calls as (
      select user_id as "user", detail ->> 'agent' as agent, target as tool, policy from audit
       where id >= ${lowestUuidV7(from)} and id < ${lowestUuidV7(from + HOUR_MS)}
         and created_at >= ${hour} and created_at < ${new Date(from + HOUR_MS)}
         and kind = 'decision' and left(${columns[subjectKind]}, 200) = ${subject}
    ), counted as (
      select case when grouping("user") = 0 then 'user' when grouping(agent) = 0 then 'agent'
                  when grouping(tool) = 0 then 'tool' else 'policy' end as "by",
             coalesce("user", agent, tool, policy) as name, count(*)::int as calls
        from calls group by grouping sets (("user"), (agent), (tool), (policy))
    )
    select "by", name, calls
      from (select counted.*, row_number() over (partition by "by" order by calls desc, name) as place
              from counted where name is not null and "by" <> ${subjectKind}) placed
     where place <= ${SHARES} order by "by", place
  `;
}
