import type { Tier } from "../../kernel/tiers.ts";
import type { Call } from "../call.ts";
import type { Denial, RuleResult, StageName } from "../decision.ts";

/** What a stage sees: the call, and the tier that the scope stage left it with. */
export interface StageInput {
  readonly call: Call;
  /** The tier that counts: the token's, lowered by the agent. */
  readonly tier: Tier;
}

/** What a stage found. The first denial ends the decision; every rule is recorded. */
export interface StageResult {
  readonly rules: readonly RuleResult[];
  readonly denial?: Denial;
}

/** A pure function in memory: no I/O, no waiting. What it throws denies the call. */
export interface Stage {
  readonly name: StageName;
  evaluate(input: StageInput): StageResult;
}
