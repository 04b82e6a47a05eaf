export { type BudgetConfig, type LimitsConfig, limitsConfig } from "./config.ts";
export { type CallCost, createLimits, type LimitCharge, type Limits } from "./limits.ts";
export {
  budgetsOf,
  callWindowOf,
  type OwnBudget,
  type OwnWindow,
  type WindowOwner,
} from "./windows.ts";
