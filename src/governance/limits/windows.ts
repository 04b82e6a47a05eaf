import type { Tier } from "../../kernel/tiers.ts";
import { compileGlob } from "../glob.ts";
import type { BudgetConfig, LimitsConfig } from "./config.ts";
import { budgetKey, createLimits, sessionKey, subjectsOf } from "./limits.ts";

/** Who a window is looked up for. */
export interface WindowOwner {
  readonly userId: string;
  readonly department: string | undefined;
  readonly agent: string | undefined;
  readonly clientId: string;
  readonly sessionId: string;
}

/** A window that the owner's calls are counted in, by its key in `limit_windows`. */
export interface OwnWindow {
  readonly key: string;
  readonly cap: number;
  readonly lengthMs: number;
}

export interface OwnBudget extends OwnWindow {
  readonly budget: BudgetConfig;
}

/** The window in which a session's calls are counted. */
export function callWindowOf(config: LimitsConfig, owner: WindowOwner, tier: Tier): OwnWindow {
  return {
    key: sessionKey(owner.sessionId),
    cap: createLimits(config).callsPerWindow(tier),
    lengthMs: config.calls.window,
  };
}

/** The budgets that the owner's calls are charged to. */
export function budgetsOf(config: LimitsConfig, owner: WindowOwner): OwnBudget[] {
  return config.budgets.flatMap((budget) => {
    const departments = owner.department === undefined ? [] : [owner.department];
    return subjectsOf(budget, { ...owner, departments, tokenAgent: owner.agent })
      .filter(compileGlob(budget.match))
      .map((subject) => ({
        budget,
        key: budgetKey(budget, subject),
        cap: budget.cap,
        lengthMs: budget.window,
      }));
  });
}
