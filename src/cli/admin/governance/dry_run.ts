import {
  ALLOW,
  type Call,
  createCall,
  createGovernor,
  type Decision,
  type RuleResult,
  type Rules,
} from "../../../governance/mod.ts";
import type { AssumedCall } from "./payload.ts";
import type { Tier } from "../../../kernel/tiers.ts";

/** What would be decided, without the windows of limits, which only a real call is counted in. */
export interface DryRun {
  readonly decision: Decision;
  readonly tier: Tier;
  /** Each rule of each stage; those of the commit are `not_charged`. */
  readonly rules: readonly StageLine[];
}

export interface StageLine extends Omit<RuleResult, "verdict"> {
  readonly verdict: RuleResult["verdict"] | "not_charged";
}

const WARM_UP_RUNS = 20;
const WARM_UP_MS = 250;

/** Evaluates a call as the service would, and records and charges nothing. */
export function dryRun(rules: Rules, assumed: AssumedCall): DryRun {
  const kind = assumed.event?.kind;
  if (kind === "observe") return { decision: ALLOW, tier: assumed.caller.tier, rules: [] };
  const run = kind === "outcome"
    ? () => examineOutcome(rules, assumed)
    : () => decide(rules, assumed);
  // The first runs of any code are slower than all that follow: their times would mislead.
  const end = performance.now() + WARM_UP_MS;
  for (let n = 0; n < WARM_UP_RUNS && performance.now() < end; n++) run();
  return run();
}

function decide(rules: Rules, { caller, request }: AssumedCall): DryRun {
  const governor = createGovernor({
    rules: () => rules,
    ledger: {
      stamp: () => Date.now(),
      commit: () => Promise.reject(new TypeError("A dry run commits nothing")),
    },
  });
  const { denial, tier, rules: results } = governor.dryRun(caller, request);
  const lines = denial === undefined
    ? chargeLines(rules, createCall(caller, request, Date.now()), tier)
    : [{ stage: "commit", rule: "*", verdict: "skipped", us: 0 } as const];
  return { decision: denial ?? ALLOW, tier, rules: [...results, ...lines] };
}

/** Of what a tool answered only secrets are of interest: it has run already. */
function examineOutcome(rules: Rules, assumed: AssumedCall): DryRun {
  const { tier, denial, rules: results } = runStage(rules, "secrets", assumed);
  return { decision: denial ?? ALLOW, tier, rules: results };
}

/** What one stage by itself says of a call. */
export function runStage(
  rules: Rules,
  name: RuleResult["stage"],
  { caller, request }: AssumedCall,
): ReturnType<Rules["stages"][number]["evaluate"]> & { readonly tier: Tier } {
  const call = createCall(caller, request, Date.now());
  const { tier } = rules.tierOf(call);
  const stage = rules.stages.find((each) => each.name === name);
  if (!stage) throw new TypeError(`There is no ${name} stage`);
  return { ...stage.evaluate({ call, tier }), tier };
}

function chargeLines(rules: Rules, call: Call, tier: Tier): StageLine[] {
  const cost = { microdollars: rules.limits.price(call.target), tokens: 0 };
  return rules.limits.charges(call, tier, cost).map((charge) => ({
    stage: "commit",
    rule: charge.policy === "budget" ? `budget.${charge.rule}` : charge.rule,
    verdict: "not_charged",
    detail: { cap: charge.cap, window_ms: charge.lengthMs, amount: charge.amount },
    us: 0,
  }));
}
