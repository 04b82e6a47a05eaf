/** The six stages of a decision, in order. */
export const STAGES = ["identity", "scope", "secrets", "blocklist", "policies", "commit"] as const;
export type StageName = typeof STAGES[number];

/** What a rule said. `skipped`: a rule before it had denied already. */
export type RuleVerdict = "pass" | "deny" | "skipped";

/** One rule's answer as it stands in the audit row. `us` is microseconds. */
export interface RuleResult {
  readonly stage: StageName;
  readonly rule: string;
  readonly verdict: RuleVerdict;
  readonly detail?: Readonly<Record<string, unknown>> | string;
  readonly us: number;
}

/** The labels of rules that decide, as they stand in rows, headers and metrics. */
export type PolicyLabel =
  | "auth_failure"
  | "scope_restriction"
  | "secret_detection"
  | "tool_blocklist"
  | `policy:${string}`
  | "rate_limit"
  | "budget"
  | "audit_unavailable"
  | "stage_error"
  | "invalid_request"
  | "default_allow";

/** A denial is an answer, not a failure: stages return it, they do not throw it. */
export interface Denial {
  readonly outcome: "deny";
  readonly policy: PolicyLabel;
  /** Which rule of that policy, e.g. a blocklist rule's id or a secret's kind. */
  readonly rule: string;
  /** One stable sentence for people and models; never a secret nor any character of one. */
  readonly reason: string;
}

export interface Allowance {
  readonly outcome: "allow";
  readonly policy: "default_allow";
  readonly rule: string;
  readonly reason: string;
}

export type Decision = Allowance | Denial;

export const ALLOW: Allowance = {
  outcome: "allow",
  policy: "default_allow",
  rule: "default_allow",
  reason: "No rule objects",
};

/** A denial by `rule` of `policy`. */
export function deny(policy: PolicyLabel, rule: string, reason: string): Denial {
  return { outcome: "deny", policy, rule, reason };
}
