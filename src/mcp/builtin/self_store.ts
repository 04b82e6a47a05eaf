import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";

/** Whose calls: a user's, of one agent where the token is bound to one. */
export interface Subject {
  readonly userId: string;
  readonly agent: string | undefined;
}

/** Since when, as the smallest id that a row of that time can have. */
export interface Period {
  readonly fromId: string;
}

export interface CallCounts {
  readonly calls: number;
  readonly denied: number;
  readonly ok: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly cancelled: number;
  /** Allowed, and nothing is known yet of what became of it. */
  readonly open: number;
  readonly microdollars: number;
}

export interface TargetCounts extends CallCounts {
  readonly target: string;
}

/** Decisions and outcomes of the subject, found by its sessions: an index leads to those. */
function calls(sql: Sql, { userId, agent }: Subject, { fromId }: Period): ReturnType<Sql> {
  return sql`
    select c.* from audit_calls c
     where c.session_id in (select id::text from sessions where user_id = ${userId})
       and c.user_id = ${userId} and c.id >= ${fromId}
       ${agent === undefined ? sql`` : sql`and c.detail ->> 'agent' = ${agent}`}`;
}

/** Counts all of it, and the targets with the most calls. */
export async function countCalls(
  sql: Sql,
  subject: Subject,
  period: Period,
  limit: number,
): Promise<TargetCounts[]> {
  return await sql<TargetCounts[]>`
    select target, count(*)::int as calls,
      count(*) filter (where outcome = 'denied')::int as denied,
      count(*) filter (where outcome = 'ok')::int as ok,
      count(*) filter (where outcome = 'error')::int as errors,
      count(*) filter (where outcome = 'timeout')::int as timeouts,
      count(*) filter (where outcome = 'cancelled')::int as cancelled,
      count(*) filter (where outcome = 'open')::int as open,
      coalesce(sum(cost_microdollars), 0)::float8 as microdollars
     from (${calls(sql, subject, period)}) mine
    group by target order by count(*) desc, target limit ${limit}`;
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface Latencies {
  readonly calls: number;
  /** Microseconds of the decision. */
  readonly decision: Percentiles;
  /** Microseconds of what ran. */
  readonly execution: Percentiles;
}

/** How long decisions took, and what ran. */
export async function measureLatency(
  sql: Sql,
  subject: Subject,
  period: Period,
): Promise<Latencies> {
  const percentiles = (column: string) =>
    sql`json_build_object(
      'p50', percentile_disc(0.5) within group (order by ${sql(column)}),
      'p95', percentile_disc(0.95) within group (order by ${sql(column)}),
      'p99', percentile_disc(0.99) within group (order by ${sql(column)}),
      'max', max(${sql(column)}))`;
  const [row] = await sql<Latencies[]>`
    select count(*)::int as calls, ${percentiles("latency_us")} as decision,
      ${percentiles("outcome_latency_us")} as execution
     from (${calls(sql, subject, period)}) mine`;
  if (!row) throw new AppError("internal", "Nothing was counted");
  return row;
}

export interface Denial {
  readonly id: string;
  readonly at: Date;
  readonly target: string;
  readonly policy: string;
  readonly rule: string | null;
  readonly reason: string | null;
}

/** The newest denials. */
export async function listDenials(
  sql: Sql,
  subject: Subject,
  period: Period,
  limit: number,
): Promise<Denial[]> {
  return await sql<Denial[]>`
    select id, created_at as at, target, policy, detail ->> 'rule' as rule, detail ->> 'reason' as reason
     from (${calls(sql, subject, period)}) mine
    where decision = 'deny' order by id desc limit ${limit}`;
}

export interface WindowUse {
  readonly key: string;
  readonly used: number;
  readonly endsAt: Date;
}

/** What windows hold that have not ended. */
export async function listWindows(sql: Sql, keys: readonly string[]): Promise<WindowUse[]> {
  return await sql<WindowUse[]>`
    select key, used::float8 as used,
      started_at + length_ms * interval '1 millisecond' as "endsAt"
     from limit_windows
    where key = any (${[...keys]})
      and started_at + length_ms * interval '1 millisecond' > now()`;
}
