import { type Tier, TIERS } from "../../kernel/tiers.ts";
import type { Charge } from "../../audit/mod.ts";
import { compileGlob, type Matcher } from "../glob.ts";
import type { Call } from "../call.ts";
import type { PolicyLabel } from "../decision.ts";
import type { BudgetConfig, LimitsConfig } from "./config.ts";

/** A charge, and what to tell the caller when its window is full. */
export interface LimitCharge extends Charge {
  readonly policy: Extract<PolicyLabel, "rate_limit" | "budget">;
  readonly rule: string;
  readonly reason: string;
}

export interface CallCost {
  readonly microdollars: number;
  readonly tokens: number;
}

export interface Limits {
  /** What a call takes from its windows. The first charge is the session's own. */
  charges(call: Call, tier: Tier, cost: CallCost): readonly LimitCharge[];
  /** What an event that is only recorded takes: a window of its own, ten times as wide. */
  trackCharges(call: Call): readonly LimitCharge[];
  /** Price of a call by its target, in microdollars; 0 where none is set. */
  price(target: string): number;
  /** Calls that one window of a session holds. */
  callsPerWindow(tier: Tier): number;
}

/** Compiles `limits.yaml`. */
export function createLimits(config: LimitsConfig): Limits {
  const budgets = config.budgets.map((budget) => ({
    budget,
    matches: compileGlob(budget.match),
  }));
  const prices = config.prices.map(({ target, microdollars }) => ({
    matches: compileGlob(target),
    microdollars,
  }));
  const callsPerWindow = (tier: Tier): number =>
    Math.max(1, Math.floor(config.calls.per_window * config.calls.multipliers[tier]));

  const perTier = new Map(TIERS.map((tier) => [tier, callsOf(tier)]));

  function callsOf(tier: Tier): Omit<LimitCharge, "key"> {
    const cap = callsPerWindow(tier);
    return {
      cap,
      lengthMs: config.calls.window,
      amount: 1,
      policy: "rate_limit",
      rule: "calls_per_window",
      reason: `The session used its ${cap} calls of this ${config.calls.window / 1000} s window`,
    };
  }

  function callCharge(key: string, tier: Tier): LimitCharge {
    return { key, ...perTier.get(tier) ?? callsOf(tier) };
  }

  function callCharges(call: Call, tier: Tier): LimitCharge[] {
    const own = callCharge(sessionKey(call.sessionId), call.tokenTier);
    if (callsPerWindow(tier) >= callsPerWindow(call.tokenTier)) return [own];
    return [own, callCharge(`${sessionKey(call.sessionId)}:${tier}`, tier)];
  }

  return {
    charges: (call, tier, cost) => [
      ...callCharges(call, tier),
      ...budgetCharges(budgets, call, cost),
    ],
    trackCharges: (call) => [{
      ...callCharge(`events:session:${call.sessionId}`, call.tokenTier),
      cap: 10 * callsPerWindow(call.tokenTier),
      rule: "events_per_window",
      reason: "The session sent too many events in this window",
    }],
    price: (target) => prices.find(({ matches }) => matches(target))?.microdollars ?? 0,
    callsPerWindow,
  };
}

type CompiledBudgets = readonly { readonly budget: BudgetConfig; readonly matches: Matcher }[];

function budgetCharges(budgets: CompiledBudgets, call: Call, cost: CallCost): LimitCharge[] {
  const charges: LimitCharge[] = [];
  for (const { budget, matches } of budgets) {
    for (const subject of subjectsOf(budget, call)) {
      if (matches(subject)) charges.push(budgetCharge(budget, subject, cost));
    }
  }
  return charges;
}

function budgetCharge(budget: BudgetConfig, subject: string, cost: CallCost): LimitCharge {
  return {
    key: budgetKey(budget, subject),
    cap: budget.cap,
    lengthMs: budget.window,
    amount: budget.unit === "calls" ? 1 : cost[budget.unit],
    policy: "budget",
    rule: budget.id,
    reason: `Budget "${budget.id}" of ${budget.cap} ${budget.unit} per ${budget.per} is used up`,
  };
}

/** The window of a budget for one subject. */
export function budgetKey({ id, per }: BudgetConfig, subject: string): string {
  return `budget:${id}:${per}:${subject}`;
}

/** The window of a session's calls. */
export function sessionKey(sessionId: string): string {
  return `calls:session:${sessionId}`;
}

/** Whose windows of a budget a call is charged to: a department's, and those of the departments above it. */
export function subjectsOf(
  { per }: BudgetConfig,
  call: Pick<Call, "userId" | "departments" | "tokenAgent" | "agent" | "clientId" | "sessionId">,
): readonly string[] {
  switch (per) {
    case "user":
      return [call.userId];
    case "department":
      return call.departments;
    case "agent":
      return [call.tokenAgent ?? call.agent ?? []].flat();
    case "key":
      return [call.clientId];
    case "session":
      return [call.sessionId];
  }
}
