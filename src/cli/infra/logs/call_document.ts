import type { AuditCall } from "../../../audit/mod.ts";

type Detail = Readonly<Record<string, unknown>>;

/** A rule's answer, as far as the row tells. */
export interface RuleDocument {
  readonly stage: string;
  readonly rule: string;
  readonly verdict: string;
  readonly detail?: unknown;
  readonly us?: number;
}

/** One governed call as `--json` prints it. Everything is whole; what a row does not say is absent. */
export interface CallDocument {
  readonly request_id: string;
  readonly created_at: string;
  readonly decision: string;
  readonly policy: string;
  readonly rule?: string;
  readonly reason?: string;
  readonly outcome: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly task_id: string;
  readonly trace_id: string;
  readonly context_id: string;
  readonly client_id: string;
  readonly role: string;
  readonly token_role?: string;
  readonly tier_source?: string;
  readonly agent?: string;
  readonly plugin?: string;
  readonly department?: string;
  readonly client_session_id?: string;
  readonly surface: string;
  readonly event?: string;
  readonly target: string;
  readonly revision?: string;
  readonly rules: readonly RuleDocument[];
  readonly input?: unknown;
  readonly input_bytes?: number;
  readonly input_sha256?: string;
  readonly context?: unknown;
  readonly outcome_id?: string;
  readonly finished_at?: string;
  readonly outcome_reason?: string;
  /** What is known of where it ran: confinement of the process, bytes, what was redacted. */
  readonly outcome_context?: Readonly<Record<string, unknown>>;
  readonly output?: unknown;
  readonly output_bytes?: number;
  readonly duration_ms?: number;
  readonly redactions?: unknown;
  readonly model?: unknown;
  readonly tokens?: unknown;
  readonly latency_us: number;
  readonly cost_microdollars: number;
}

/** Members of `detail` that stand in a document under names of their own. */
const TEXTS = [
  "rule",
  "reason",
  "token_role",
  "tier_source",
  "agent",
  "plugin",
  "department",
  "client_session_id",
  "event",
  "revision",
  "input_sha256",
] as const;

export function toDocument(call: AuditCall): CallDocument {
  const detail: Detail = call.detail ?? {};
  const outcome: Detail = call.outcomeDetail ?? {};
  const texts = TEXTS.flatMap((name) =>
    typeof detail[name] === "string" ? [[name, detail[name]]] : []
  );
  return {
    request_id: call.id,
    created_at: call.createdAt.toISOString(),
    decision: call.decision,
    policy: call.policy,
    ...Object.fromEntries(texts),
    outcome: call.outcome,
    user_id: call.userId,
    session_id: call.sessionId,
    task_id: call.taskId,
    trace_id: call.traceId,
    context_id: call.contextId,
    client_id: call.clientId,
    role: call.role,
    surface: call.surface,
    target: call.target,
    rules: rulesOf(detail.rules),
    ...given("input", detail.input),
    ...given("input_bytes", numberOf(detail.input_bytes)),
    ...given("context", detail.context),
    ...given("outcome_id", call.outcomeId ?? undefined),
    ...given("finished_at", call.finishedAt?.toISOString()),
    ...given("outcome_reason", textOf(outcome.reason)),
    ...given("outcome_context", contextOf(outcome.context)),
    ...given("output", outcome.output),
    ...given("output_bytes", numberOf(outcome.output_bytes)),
    ...given("duration_ms", durationOf(call, outcome)),
    ...given("redactions", outcome.redactions),
    ...given("model", outcome.model ?? detail.model),
    ...given("tokens", outcome.tokens ?? detail.tokens),
    latency_us: call.latencyUs,
    cost_microdollars: call.costMicrodollars,
  };
}

function contextOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isFilled = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  return isFilled ? { ...value } : undefined;
}

/** How long the call ran, where the outcome tells. */
function durationOf(call: AuditCall, outcome: Detail): number | undefined {
  const given = numberOf(outcome.duration_ms);
  if (given !== undefined) return given;
  return call.outcomeLatencyUs ? call.outcomeLatencyUs / 1000 : undefined;
}

/** The rules of a row, each `[stage, rule, verdict, microseconds, detail?]`. */
export function rulesOf(value: unknown): RuleDocument[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => Array.isArray(item)).map(([stage, rule, verdict, us, detail]) => ({
    stage: textOf(stage) ?? "-",
    rule: textOf(rule) ?? "-",
    verdict: textOf(verdict) ?? "-",
    ...given("detail", detail),
    ...given("us", numberOf(us)),
  }));
}

function given<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
