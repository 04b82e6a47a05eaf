import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";

/** `[since, until)` */
export interface Period {
  readonly since: Date;
  readonly until: Date;
}

/** Which calls are counted. */
export interface CallScope extends Period {
  readonly agent?: string | undefined;
  /** Calls of agents only. */
  readonly ofAgents?: boolean | undefined;
  /** Calls that belong to a conversation only. */
  readonly inContext?: boolean | undefined;
  /** A whole target (`tool:Bash`) or its last part (`Bash`). */
  readonly tool?: string | undefined;
  /** A model with its provider (`anthropic/claude-x`) or without. */
  readonly model?: string | undefined;
  /** Targets as SQL patterns: one of them has to fit. */
  readonly targets?: readonly string[] | undefined;
}

export const TOOLS: readonly string[] = ["tool:%", "mcp:%"];
export const MODELS: readonly string[] = ["model:%"];

/** What calls are counted by. `error` is why those that failed or were denied did, `hour` the hour of the day. */
export type Grouping =
  | "agent"
  | "tool"
  | "model"
  | "provider"
  | "user"
  | "outcome"
  | "error"
  | "hour"
  | "context";

export type Bucket = "hour" | "day" | "week" | "month";

/** Calls that were counted together. */
export interface CallTally {
  readonly calls: number;
  readonly denied: number;
  readonly ok: number;
  /** Ended in an error, or not in time, or were given up. */
  readonly failed: number;
  readonly timeouts: number;
  /** Allowed, and nothing is known yet of what became of them. */
  readonly open: number;
  readonly microdollars: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Microseconds of what ran; null where nothing did that said how long. */
  readonly meanUs: number | null;
  readonly p95Us: number | null;
  /** Microseconds of decisions. */
  readonly meanDecisionUs: number | null;
  readonly agents: number;
  readonly tools: number;
  readonly users: number;
  readonly sessions: number;
  readonly contexts: number;
  readonly first: Date | null;
  readonly last: Date | null;
}

export interface NamedTally extends CallTally {
  readonly name: string;
}

export interface BucketTally extends CallTally {
  readonly start: Date;
}

/** The calls of a scope, found by the time that their ids begin with. */
function callsOf(sql: Sql, scope: CallScope): ReturnType<Sql> {
  const { since, until, agent, ofAgents = false, inContext = false, tool, model, targets } = scope;
  return sql`
    select c.*, c.detail ->> 'agent' as agent, regexp_replace(c.target, '^model:', '') as model,
           coalesce((c.outcome_detail #>> '{tokens,input}')::float8, 0) as input_tokens,
           coalesce((c.outcome_detail #>> '{tokens,output}')::float8, 0) as output_tokens
      from audit_calls c
     where c.id >= ${lowestUuidV7(since.getTime())} and c.id < ${lowestUuidV7(until.getTime())}
       and c.created_at >= ${since} and c.created_at < ${until}
       ${agent === undefined ? sql`` : sql`and c.detail ->> 'agent' = ${agent}`}
       ${inContext ? sql`and c.context_id <> 'none'` : sql``}
       ${ofAgents ? sql`and c.detail ->> 'agent' is not null` : sql``}
       ${
    tool === undefined
      ? sql``
      : sql`and (c.target = ${tool} or regexp_replace(c.target, '^.*[:/]', '') = ${tool})`
  }
       ${
    model === undefined
      ? sql``
      : sql`and (c.target = ${`model:${model}`} or c.target like ${`model:%/${likeText(model)}`})`
  }
       ${targets === undefined ? sql`` : sql`and c.target like any (${[...targets]})`}`;
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

function counts(sql: Sql): ReturnType<Sql> {
  return sql`
    count(id)::int as calls,
    (count(*) filter (where outcome = 'denied'))::int as denied,
    (count(*) filter (where outcome = 'ok'))::int as ok,
    (count(*) filter (where outcome in ('error', 'timeout', 'cancelled')))::int as failed,
    (count(*) filter (where outcome = 'timeout'))::int as timeouts,
    (count(*) filter (where outcome = 'open'))::int as open,
    coalesce(sum(cost_microdollars), 0)::float8 as microdollars,
    coalesce(sum(input_tokens), 0)::float8 as input_tokens,
    coalesce(sum(output_tokens), 0)::float8 as output_tokens,
    (avg(outcome_latency_us) filter (where outcome_latency_us > 0))::float8 as mean_us,
    (percentile_disc(0.95) within group (order by outcome_latency_us)
      filter (where outcome_latency_us > 0))::float8 as p95_us,
    avg(latency_us)::float8 as mean_decision_us,
    count(distinct agent)::int as agents,
    count(distinct target)::int as tools,
    count(distinct user_id)::int as users,
    count(distinct session_id)::int as sessions,
    (count(distinct context_id) filter (where context_id <> 'none'))::int as contexts,
    min(created_at) as first, max(created_at) as last`;
}

function groupOf(sql: Sql, by: Grouping): ReturnType<Sql> {
  switch (by) {
    case "agent":
      return sql`coalesce(agent, 'none')`;
    case "tool":
      return sql`target`;
    case "model":
      return sql`model`;
    case "provider":
      return sql`split_part(model, '/', 1)`;
    case "user":
      return sql`user_id`;
    case "outcome":
      return sql`outcome`;
    case "error":
      return sql`left(coalesce(outcome_detail ->> 'reason', detail ->> 'reason', policy), 200)`;
    case "hour":
      return sql`to_char(created_at at time zone 'UTC', 'HH24')`;
    case "context":
      return sql`context_id`;
  }
}

/** All calls of a scope together. */
export async function totalCalls(sql: Sql, scope: CallScope): Promise<CallTally> {
  const [row] = await sql<CallTally[]>`
    select ${counts(sql)} from (${callsOf(sql, scope)}) calls`;
  if (!row) throw new TypeError("Nothing was counted");
  return row;
}

export type CallOrder = "calls" | "ok" | "cost" | "last" | "time" | "name";

function orderOf(sql: Sql, order: CallOrder): ReturnType<Sql> {
  switch (order) {
    case "calls":
      return sql`calls desc, name`;
    case "ok":
      return sql`ok::float8 / nullif(ok + failed, 0) desc nulls last, calls desc, name`;
    case "cost":
      return sql`microdollars desc, calls desc, name`;
    case "last":
      return sql`last desc, name`;
    case "time":
      return sql`mean_us desc nulls last, calls desc, name`;
    case "name":
      return sql`name`;
  }
}

/** The calls of a scope by something that they have in common; `total` is how many groups there are. */
export async function tallyCalls(
  sql: Sql,
  scope: CallScope,
  { by, order, limit }: {
    readonly by: Grouping;
    readonly order: CallOrder;
    readonly limit: number;
  },
): Promise<{ readonly items: readonly NamedTally[]; readonly total: number }> {
  const only = by === "error"
    ? sql`where outcome in ('denied', 'error', 'timeout', 'cancelled')`
    : sql``;
  const rows = await sql<(NamedTally & { total: number })[]>`
    select *, (count(*) over ())::int as total
      from (select ${groupOf(sql, by)} as name, ${counts(sql)}
              from (${callsOf(sql, scope)}) calls ${only} group by 1) groups
     order by ${orderOf(sql, order)} limit ${limit}`;
  return { items: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** The calls of a scope bucket by bucket, those without any included. */
export async function trendCalls(
  sql: Sql,
  scope: CallScope,
  bucket: Bucket,
): Promise<readonly BucketTally[]> {
  return await sql<BucketTally[]>`
    select start, ${counts(sql)}
      from generate_series(date_trunc(${bucket}, ${scope.since}::timestamptz, 'UTC'),
                           ${scope.until}::timestamptz - interval '1 millisecond',
                           ${`1 ${bucket}`}::interval) as start
      left join (${callsOf(sql, scope)}) calls
        on date_trunc(${bucket}, calls.created_at, 'UTC') = start
     group by start order by start`;
}
