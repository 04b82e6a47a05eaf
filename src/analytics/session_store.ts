import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { Bucket, Period } from "./call_store.ts";

export interface SessionTally {
  readonly created: number;
  readonly users: number;
  /** From a session's beginning to its last call, on average; null where none had a call. */
  readonly meanSeconds: number | null;
  readonly meanCalls: number | null;
}

/** The calls of sessions that began in the period. */
function sessionsOf(sql: Sql, { since, until }: Period): ReturnType<Sql> {
  return sql`
    select s.id, s.user_id, s.created_at, c.calls, extract(epoch from c.last - s.created_at)::float8 as seconds
      from sessions s
      left join lateral (
        select count(*)::int as calls, max(a.created_at) as last from audit a
         where a.session_id = s.id and a.kind = 'decision') c on true
     where s.created_at >= ${since} and s.created_at < ${until}`;
}

/** Sessions that began in the period. */
export async function totalSessions(sql: Sql, period: Period): Promise<SessionTally> {
  const [row] = await sql<SessionTally[]>`
    select count(*)::int as created, count(distinct user_id)::int as users,
           (avg(greatest(seconds, 0)) filter (where calls > 0))::float8 as mean_seconds,
           (avg(calls))::float8 as mean_calls
      from (${sessionsOf(sql, period)}) sessions`;
  if (!row) throw new TypeError("Nothing was counted");
  return row;
}

/** Sessions that are good now. */
export async function countActive(sql: Sql, now: Date): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from sessions where revoked_at is null and expires_at > ${now}`;
  return row?.count ?? 0;
}

export interface SessionBucket extends SessionTally {
  readonly start: Date;
}

/** Sessions bucket by bucket, those without any included. */
export async function trendSessions(
  sql: Sql,
  period: Period,
  bucket: Bucket,
): Promise<readonly SessionBucket[]> {
  return await sql<SessionBucket[]>`
    select start, count(s.id)::int as created, count(distinct s.user_id)::int as users,
           (avg(greatest(s.seconds, 0)) filter (where s.calls > 0))::float8 as mean_seconds,
           avg(s.calls)::float8 as mean_calls
      from generate_series(date_trunc(${bucket}, ${period.since}::timestamptz, 'UTC'),
                           ${period.until}::timestamptz - interval '1 millisecond',
                           ${`1 ${bucket}`}::interval) as start
      left join (${sessionsOf(sql, period)}) s on date_trunc(${bucket}, s.created_at, 'UTC') = start
     group by start order by start`;
}

export interface LiveSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly role: string;
  readonly startedAt: Date | null;
  readonly calls: number;
  readonly last: Date;
}

/** Sessions with a call since `since`, the last one first; `total` counts all of them. */
export async function listLive(
  sql: Sql,
  since: Date,
  limit: number,
): Promise<{ readonly sessions: readonly LiveSession[]; readonly total: number }> {
  const rows = await sql<(LiveSession & { total: number })[]>`
    select a.session_id, max(a.user_id) as user_id, max(a.role) as role, max(s.created_at) as started_at,
           count(*)::int as calls, max(a.created_at) as last, (count(*) over ())::int as total
      from audit a left join sessions s on s.id = a.session_id
     where a.id >= ${lowestUuidV7(since.getTime())} and a.created_at >= ${since}
       and a.kind = 'decision' and a.session_id <> 'none'
     group by a.session_id order by last desc limit ${limit}`;
  return { sessions: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}
