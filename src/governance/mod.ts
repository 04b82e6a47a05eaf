export { type BlocklistConfig, blocklistConfig } from "./blocklist/mod.ts";
export {
  type Call,
  type Caller,
  type Correlation,
  createCall,
  type Failure,
  type Request,
  type Surface,
} from "./call.ts";
export {
  type GovernanceConfig,
  type HooksConfig,
  hooksConfig,
  type PolicySources,
} from "./config.ts";
export {
  ALLOW,
  type Decision,
  type Denial,
  deny,
  type PolicyLabel,
  type RuleResult,
  STAGES,
} from "./decision.ts";
export {
  createGovernor,
  type Decided,
  type Governor,
  type GovernorOptions,
  type Ledger,
  type Outcome,
} from "./governor.ts";
export {
  budgetsOf,
  callWindowOf,
  createLimits,
  type Limits,
  type LimitsConfig,
  limitsConfig,
  type OwnWindow,
  type WindowOwner,
} from "./limits/mod.ts";
export { listRules, listSecretRules } from "./list_rules.ts";
export { type LoadedPolicies, type LoadedPolicy, loadPolicies } from "./policies/mod.ts";
export { listBlocklistRules } from "./blocklist/mod.ts";
export type { Evaluation } from "./pipeline.ts";
export {
  type AgentConfig,
  agentProblems,
  agentSchema,
  compileTargets,
  hasPermission,
  listPermissions,
  type RolesConfig,
  rolesSchema,
} from "./roles/mod.ts";
export type { RuleInfo } from "./rule_info.ts";
export { compileRules, type Rules } from "./rules.ts";
export { createScopeStage } from "./stages/scope.ts";
export {
  createSecretScanner,
  type SecretFinding,
  type SecretScan,
  type SecretScanner,
} from "./secrets/mod.ts";
export { type SecretsConfig, secretsConfig } from "./secrets/config.ts";
