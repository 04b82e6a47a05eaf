import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { AuditDecision, AuditRow } from "../audit/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import type { Call } from "./call.ts";
import type { Decision, RuleResult, StageName } from "./decision.ts";

/** Bytes of an input that a row keeps; of a longer one it keeps the beginning, the size and the hash. */
export const KEPT_INPUT_BYTES = 64 * 1024;
const EXCERPT_CHARACTERS = 8 * 1024;

/** An input as rows keep it: redacted and bounded, with its size, and the SHA-256 of one that was cut. */
export interface KeptInput {
  readonly value: unknown;
  /** UTF-8 bytes of the JSON text. */
  readonly bytes: number;
  readonly sha256: string | undefined;
}

/** Bounds `redacted`, the input without its secrets. The hash is over the redacted JSON text. */
export function keepInput(redacted: unknown, mayKeep: (bytes: number) => boolean): KeptInput {
  const text = JSON.stringify(redacted) ?? "null";
  const bytes = Buffer.byteLength(text);
  const fits = bytes <= KEPT_INPUT_BYTES;
  const allowed = mayKeep(fits ? bytes : EXCERPT_CHARACTERS);
  if (fits && allowed) return { value: redacted, bytes, sha256: undefined };
  return {
    value: allowed ? { excerpt: text.slice(0, EXCERPT_CHARACTERS) } : OMITTED,
    bytes,
    sha256: createHash("sha256").update(text).digest("hex"),
  };
}

const OMITTED = { omitted: "the session's rows keep no more input for now" };

/** Stages whose passing says more than that they passed. */
const TELLING: ReadonlySet<StageName> = new Set(["identity", "policies", "commit"]);

/**
 * Rules as rows keep them: `[stage, rule, verdict, microseconds, detail?]`. As objects they were a third of
 * the row, and PostgreSQL takes a good part of a commit's time to read them. No detail of a check that
 * passed where the row's own columns say the same.
 */
function keepRules(rules: readonly RuleResult[]): unknown[] {
  return rules.map(({ detail, rule, stage, us, verdict }) => {
    const kept: unknown[] = [stage, rule, verdict, Math.round(us * 10) / 10];
    const tells = detail !== undefined && (verdict === "deny" || TELLING.has(stage));
    if (tells) kept.push(detail);
    return kept;
  });
}

/** Everything a decision row says beyond the call's own identifiers. */
export interface DecisionFacts {
  readonly decision: Decision;
  readonly rules: readonly RuleResult[];
  readonly tier: Tier;
  readonly tierSource: string;
  readonly revision: string;
  readonly input: KeptInput;
  /** The call's context without its secrets. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly costMicrodollars: number;
  readonly latencyUs: number;
}

/** The row of a decision. */
export function decisionRow(call: Call, facts: DecisionFacts): AuditRow {
  const { decision } = facts;
  return {
    ...correlated(call),
    id: call.id,
    createdAt: call.receivedAt,
    kind: "decision",
    callId: call.id,
    role: facts.tier,
    decision: decision.outcome,
    policy: decision.policy,
    // Keys in canonical order: a detail that is in order is printed natively.
    detail: {
      agent: call.agent,
      context: facts.context,
      department: call.department,
      event: call.event,
      input: facts.input.value,
      input_bytes: facts.input.bytes,
      input_sha256: facts.input.sha256,
      plugin: call.plugin,
      reason: decision.reason,
      revision: facts.revision,
      rule: decision.rule,
      rules: keepRules(facts.rules),
      tier_source: facts.tierSource,
      token_role: call.tokenTier,
    },
    costMicrodollars: decision.outcome === "allow" ? facts.costMicrodollars : 0,
    latencyUs: facts.latencyUs,
  };
}

/** Everything an outcome row says beyond the call's own identifiers. */
export interface OutcomeFacts {
  /** Id of the decision; the outcome's own id where there was none. */
  readonly callId: string;
  readonly decision: AuditDecision;
  readonly policy: string;
  readonly reason: string | undefined;
  readonly rules: readonly RuleResult[];
  readonly tier: Tier;
  readonly revision: string;
  readonly output: KeptInput;
  readonly context: Readonly<Record<string, unknown>>;
  readonly costMicrodollars: number;
  /** What the call took, as its executor measured it; 0 when not known. */
  readonly latencyUs: number;
}

/** The row of what became of a call. */
export function outcomeRow(call: Call, facts: OutcomeFacts): AuditRow {
  return {
    ...correlated(call),
    id: call.id,
    createdAt: call.receivedAt,
    kind: "outcome",
    callId: facts.callId,
    role: facts.tier,
    decision: facts.decision,
    policy: facts.policy,
    detail: {
      agent: call.agent,
      context: facts.context,
      department: call.department,
      event: call.event,
      output: facts.output.value,
      output_bytes: facts.output.bytes,
      output_sha256: facts.output.sha256,
      plugin: call.plugin,
      reason: facts.reason,
      revision: facts.revision,
      rules: keepRules(facts.rules),
    },
    costMicrodollars: facts.costMicrodollars,
    latencyUs: facts.latencyUs,
  };
}

/** Everything the row of an observed event says beyond the call's own identifiers. */
export interface EventFacts {
  readonly outcome: "allow" | "deny";
  readonly policy: string;
  readonly reason: string;
  readonly tier: Tier;
  readonly revision: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** The row of something that happened at a client and that nobody asked leave for. */
export function eventRow(call: Call, facts: EventFacts): AuditRow {
  const observed = facts.outcome === "allow";
  return {
    ...correlated(call),
    id: call.id,
    createdAt: call.receivedAt,
    kind: "system",
    callId: call.id,
    role: facts.tier,
    decision: observed ? "ok" : "error",
    policy: observed ? "none" : facts.policy,
    detail: {
      event: call.event,
      reason: observed ? undefined : facts.reason,
      revision: facts.revision,
      agent: call.agent,
      plugin: call.plugin,
      department: call.department,
      context: facts.context,
    },
    costMicrodollars: 0,
    latencyUs: 0,
  };
}

function correlated(call: Call): Pick<
  AuditRow,
  | "userId"
  | "sessionId"
  | "taskId"
  | "traceId"
  | "contextId"
  | "clientId"
  | "surface"
  | "target"
> {
  return {
    userId: call.userId,
    sessionId: call.sessionId,
    taskId: call.taskId,
    traceId: call.traceId,
    contextId: call.contextId,
    clientId: call.clientId,
    surface: call.surface,
    target: call.target,
  };
}
