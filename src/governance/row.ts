import { createHash } from "node:crypto";
import type { AuditDecision, AuditRow } from "../audit/mod.ts";
import type { Call, Tier } from "./call.ts";
import type { Decision, RuleResult } from "./decision.ts";

/** Bytes of an input that a row keeps; of a longer one it keeps the beginning, the size and the hash. */
export const KEPT_INPUT_BYTES = 64 * 1024;
const EXCERPT_CHARACTERS = 8 * 1024;

/** An input as rows keep it: redacted, bounded, with the size and SHA-256 of the whole. */
export interface KeptInput {
  readonly value: unknown;
  /** UTF-8 bytes of the JSON text. */
  readonly bytes: number;
  readonly sha256: string;
}

/** Bounds `redacted`, the input without its secrets. The hash is over the redacted JSON text. */
export function keepInput(redacted: unknown): KeptInput {
  const text = JSON.stringify(redacted) ?? "null";
  const bytes = text.length > KEPT_INPUT_BYTES / 4 ? byteLength(text) : text.length;
  return {
    value: bytes <= KEPT_INPUT_BYTES ? redacted : { excerpt: text.slice(0, EXCERPT_CHARACTERS) },
    bytes,
    sha256: createHash("sha256").update(text).digest("hex"),
  };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
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
    detail: {
      event: call.event,
      reason: decision.reason,
      rule: decision.rule,
      revision: facts.revision,
      agent: call.agent,
      plugin: call.plugin,
      department: call.department,
      token_role: call.tokenTier,
      tier_source: facts.tierSource,
      rules: facts.rules,
      input: facts.input.value,
      input_bytes: facts.input.bytes,
      input_sha256: facts.input.sha256,
      context: facts.context,
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
      event: call.event,
      reason: facts.reason,
      revision: facts.revision,
      agent: call.agent,
      plugin: call.plugin,
      department: call.department,
      rules: facts.rules,
      output: facts.output.value,
      output_bytes: facts.output.bytes,
      output_sha256: facts.output.sha256,
      context: facts.context,
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
