import type { Tier } from "../kernel/tiers.ts";
import type { Call } from "./call.ts";
import { type Denial, deny, type RuleResult } from "./decision.ts";
import type { Stage, StageResult } from "./stages/stage.ts";

/** What the stages before the commit found. Without a denial the commit decides. */
export interface Evaluation {
  readonly rules: readonly RuleResult[];
  readonly denial: Denial | undefined;
}

/**
 * Runs the stages in order. The first denial ends it; the stages after it are recorded as skipped. A
 * stage that throws denies the call.
 */
export function evaluate(stages: readonly Stage[], call: Call, tier: Tier): Evaluation {
  const rules: RuleResult[] = [];
  let denial: Denial | undefined;
  for (const stage of stages) {
    if (denial) {
      rules.push({ stage: stage.name, rule: "*", verdict: "skipped", us: 0 });
      continue;
    }
    const result = runStage(stage, call, tier);
    rules.push(...result.rules);
    denial = result.denial;
  }
  return { rules, denial };
}

function runStage(stage: Stage, call: Call, tier: Tier): StageResult {
  try {
    return stage.evaluate({ call, tier });
  } catch {
    const reason = `Stage ${stage.name} failed`;
    return {
      rules: [{ stage: stage.name, rule: "stage_error", verdict: "deny", detail: reason, us: 0 }],
      denial: deny("stage_error", stage.name, reason),
    };
  }
}
