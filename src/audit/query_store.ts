import type { Sql } from "../db/mod.ts";

/** One governed call: its decision with its outcome, a row of the view `audit_calls`. */
export interface AuditCall {
  readonly id: string;
  readonly createdAt: Date;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
  readonly role: string;
  readonly surface: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly latencyUs: number;
  /** `denied`, `open`, or the outcome's decision. */
  readonly outcome: string;
  readonly outcomeId: string | null;
  readonly finishedAt: Date | null;
  readonly outcomeDetail: Readonly<Record<string, unknown>> | null;
  readonly outcomeLatencyUs: number | null;
  readonly costMicrodollars: number;
}

export type MatchedBy = "request" | "trace" | "session";

/** What a prefix stands for, as bounds that indexes understand. `ids` is undefined where it is no UUID's. */
export interface PrefixBounds {
  readonly ids:
    | { readonly low: string; readonly high: string; readonly from: Date; readonly to: Date }
    | undefined;
  /** The prefix as trace ids and as session ids have it. */
  readonly trace: string;
  readonly session: string;
}

const NO_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Calls whose own id, trace id or session id begins with a prefix, newest first; one query, by index. The
 * operators `~>=~` and `~<~` compare bytewise, as the indexes do, whatever the database's collation.
 */
export async function listCallsByPrefix(
  sql: Sql,
  { ids, trace, session }: PrefixBounds,
  limit: number,
): Promise<(AuditCall & { readonly matched: MatchedBy })[]> {
  return await sql<(AuditCall & { matched: MatchedBy })[]>`
    with found as materialized (
      (select 'request' as matched, call_id as id from audit
        where id >= ${ids?.low ?? NO_ID} and id <= ${ids?.high ?? NO_ID}
          and created_at >= ${ids?.from ?? new Date(0)} and created_at <= ${ids?.to ?? new Date(0)}
          and kind in ('decision', 'outcome')
        order by audit.id desc limit ${limit})
      union
      (select 'trace', id from audit
        where trace_id ~>=~ ${trace} and trace_id ~<~ ${after(trace)} and kind = 'decision'
        order by trace_id using ~>~ limit ${limit})
      union
      (select 'session', id from audit
        where session_id ~>=~ ${session} and session_id ~<~ ${after(session)} and kind = 'decision'
        order by session_id using ~>~, id desc limit ${limit})
    )
    select f.matched, c.* from found f join audit_calls c on c.id = f.id order by c.id desc
  `;
}

/** The first text behind all that begin with `prefix`, bytewise. */
function after(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/** One row of the log, as the table has it. */
export interface LogRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly kind: string;
  readonly callId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
  readonly role: string;
  readonly surface: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly costMicrodollars: number;
  readonly latencyUs: number;
}

/** Rows of any kind whose id begins with a prefix, newest first. */
export async function listRowsByPrefix(
  sql: Sql,
  { ids }: PrefixBounds,
  limit: number,
): Promise<LogRow[]> {
  if (!ids) return [];
  return await sql<LogRow[]>`
    select * from audit
     where id >= ${ids.low} and id <= ${ids.high}
       and created_at >= ${ids.from} and created_at <= ${ids.to}
     order by id desc limit ${limit}
  `;
}

export interface CallFilter {
  readonly decision?: string | undefined;
  readonly policy?: string | undefined;
  readonly user?: string | undefined;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
  /** A whole target (`tool:Bash`) or its last part (`Bash`). */
  readonly tool?: string | undefined;
  readonly trace?: string | undefined;
  /** `denied`, `open`, or the outcome's decision. */
  readonly outcome?: string | undefined;
  /** Targets as SQL patterns, e.g. `mcp:files/%`: one of them has to fit. */
  readonly targets?: readonly string[] | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

function conditions(sql: Sql, alias: string, filter: CallFilter): ReturnType<Sql> {
  const { decision, policy, user, session, trace, agent, tool, targets, since, until } = filter;
  const c = sql(alias);
  return sql`
    ${decision === undefined ? sql`` : sql`and ${c}.decision = ${decision}`}
    ${policy === undefined ? sql`` : sql`and ${c}.policy = ${policy}`}
    ${user === undefined ? sql`` : sql`and ${c}.user_id = ${user}`}
    ${session === undefined ? sql`` : sql`and ${c}.session_id = ${session}`}
    ${trace === undefined ? sql`` : sql`and ${c}.trace_id = ${trace}`}
    ${agent === undefined ? sql`` : sql`and ${c}.detail ->> 'agent' = ${agent}`}
    ${
    tool === undefined
      ? sql``
      : sql`and (${c}.target = ${tool} or regexp_replace(${c}.target, '^.*[:/]', '') = ${tool})`
  }
    ${targets === undefined ? sql`` : sql`and ${c}.target like any (${[...targets]})`}
    ${since ? sql`and ${c}.created_at >= ${since}` : sql``}
    ${until ? sql`and ${c}.created_at < ${until}` : sql``}
  `;
}

/** Calls that a filter lets through, newest first, older than the call `before` where that is given. */
export async function listCalls(
  sql: Sql,
  filter: CallFilter,
  before: string | undefined,
  limit: number,
): Promise<AuditCall[]> {
  return await sql<AuditCall[]>`
    select * from audit_calls c
     where true ${conditions(sql, "c", filter)}
     ${filter.outcome === undefined ? sql`` : sql`and c.outcome = ${filter.outcome}`}
     ${before === undefined ? sql`` : sql`and c.id < ${before}`}
     order by c.id desc limit ${limit}
  `;
}

/** A trace in one line. */
export interface TraceSummary {
  readonly traceId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly durationMs: number;
  readonly userId: string;
  readonly sessionId: string;
  readonly agent: string | null;
  readonly calls: number;
  readonly denied: number;
  readonly failed: number;
  /** Allowed calls without an outcome. */
  readonly open: number;
  readonly targets: readonly string[];
  readonly costMicrodollars: number;
}

/**
 * The traces with the newest rows. `scan` bounds how many rows are looked at to find them, `last` only
 * traces whose newest row is older.
 */
export async function listTraces(
  sql: Sql,
  filter: CallFilter,
  before: string | undefined,
  limit: number,
  scan: number,
): Promise<(TraceSummary & { readonly newest: string })[]> {
  return await sql<(TraceSummary & { newest: string })[]>`
    with recent as (
      select r.trace_id, max(r.id::text) as newest
        from (select a.trace_id, a.id from audit a
               where a.kind in ('decision', 'outcome') ${conditions(sql, "a", filter)}
               ${before === undefined ? sql`` : sql`and a.id < ${before}`}
               order by a.id desc limit ${scan}) r
       group by r.trace_id order by 2 desc limit ${limit}
    )
    select t.trace_id, t.newest, s.*
      from recent t cross join lateral (
        select min(a.created_at) as started_at, max(a.created_at) as ended_at,
               (extract(epoch from max(a.created_at) - min(a.created_at)) * 1000)::float8 as duration_ms,
               min(a.user_id) as user_id, min(a.session_id) as session_id, min(a.detail ->> 'agent') as agent,
               (count(*) filter (where a.kind = 'decision'))::int as calls,
               (count(*) filter (where a.kind = 'decision' and a.decision = 'deny'))::int as denied,
               (count(*) filter (where a.kind = 'outcome' and a.decision <> 'ok'))::int as failed,
               ((count(*) filter (where a.kind = 'decision' and a.decision = 'allow'))
                - count(distinct a.call_id) filter (where a.kind = 'outcome'))::int as open,
               array_agg(distinct a.target) as targets,
               sum(a.cost_microdollars)::bigint as cost_microdollars
          from audit a where a.trace_id = t.trace_id and a.kind in ('decision', 'outcome')
      ) s
     order by t.newest desc
  `;
}

/** Trace ids that begin with a prefix. */
export async function listTraceIds(sql: Sql, prefix: string, limit: number): Promise<string[]> {
  const rows = await sql<{ traceId: string }[]>`
    with recursive t as (
      (select trace_id from audit where trace_id ~>=~ ${prefix} and trace_id ~<~ ${after(prefix)}
        order by trace_id using ~<~ limit 1)
      union all
      (select (select a.trace_id from audit a
                where a.trace_id ~>~ t.trace_id and a.trace_id ~<~ ${after(prefix)}
                order by a.trace_id using ~<~ limit 1)
         from t where t.trace_id is not null)
    )
    select trace_id from t where trace_id is not null limit ${limit}
  `;
  return rows.map((row) => row.traceId);
}

/** Every row of a trace, in the order in which they were made. */
export async function listTraceRows(sql: Sql, traceId: string, limit: number): Promise<LogRow[]> {
  return await sql<LogRow[]>`
    select * from audit where trace_id = ${traceId} order by created_at, id limit ${limit}
  `;
}

/** How often something occurred. */
export interface Tally {
  readonly kind: string;
  readonly decision: string;
  readonly policy: string;
  readonly rows: number;
  readonly first: Date;
  readonly last: Date;
}

/** Rows of a period by kind, decision and policy, the most frequent first. */
export async function tallyRows(
  sql: Sql,
  { since, until }: Pick<CallFilter, "since" | "until">,
): Promise<Tally[]> {
  return await sql<Tally[]>`
    select kind, decision, policy, count(*) as rows, min(created_at) as first, max(created_at) as last
      from audit a where true ${conditions(sql, "a", { since, until })}
     group by kind, decision, policy order by rows desc, 1, 2, 3
  `;
}

/** What the requests to a model come to. `latencyMs` is the sum over those that are finished. */
export interface ModelTally {
  readonly provider: string;
  readonly model: string;
  readonly requests: number;
  readonly finished: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicrodollars: number;
  readonly latencyMs: number;
}

/** Requests of a period by provider and model, the most frequent first. */
export async function tallyModels(
  sql: Sql,
  period: Pick<CallFilter, "since" | "until">,
): Promise<ModelTally[]> {
  return await sql<ModelTally[]>`
    with m as (
      select coalesce(substring(c.target from '^model:([^/]*)/'), '-') as provider,
             regexp_replace(c.target, '^model:([^/]*/)?', '') as model,
             coalesce(c.outcome_detail -> 'tokens', c.detail -> 'tokens') as tokens, c.*
        from audit_calls c where c.target like 'model:%' ${conditions(sql, "c", period)}
    )
    select provider, model, count(*) as requests, count(outcome_id) as finished,
           coalesce(sum(coalesce(tokens ->> 'input', tokens ->> 'input_tokens')::bigint), 0)::bigint
             as input_tokens,
           coalesce(sum(coalesce(tokens ->> 'output', tokens ->> 'output_tokens')::bigint), 0)::bigint
             as output_tokens,
           sum(cost_microdollars)::bigint as cost_microdollars,
           (coalesce(sum(outcome_latency_us), 0) / 1000)::float8 as latency_ms
      from m group by provider, model order by requests desc, 1, 2
  `;
}
