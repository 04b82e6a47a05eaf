/** Who may do what: the role table, departments and the binding of agents to users. */
export {
  type AgentConfig,
  agentSchema,
  type Narrowing,
  type RolesConfig,
  rolesSchema,
} from "./config.ts";
export { type AgentClaim, agentProblems, type EffectiveTier, effectiveTier } from "./agents.ts";
export { hasPermission, listPermissions } from "./permissions.ts";
export { compileTargets, type TargetCheck, type TargetProblem } from "./targets.ts";
export { listScopeRules } from "./rules.ts";
