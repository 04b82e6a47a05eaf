import { type Tier, TIERS } from "../../kernel/tiers.ts";
import type { Call } from "../call.ts";
import { scopesReach } from "../../kernel/key_scopes.ts";
import { deny, type RuleResult } from "../decision.ts";
import {
  type AgentConfig,
  compileTargets,
  type EffectiveTier,
  effectiveTier,
  hasPermission,
  type RolesConfig,
  type TargetCheck,
  type TargetProblem,
} from "../roles/mod.ts";
import type { Stage, StageResult } from "./stage.ts";

/** What one rule answers: nothing wrong, or the sentence that says what. */
interface Answer {
  readonly problem?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface Tables {
  readonly roles: RolesConfig;
  readonly tiers: ReadonlyMap<Tier, TargetCheck>;
  readonly departments: ReadonlyMap<string, TargetCheck>;
  readonly agents: ReadonlyMap<AgentConfig, TargetCheck>;
}

/** One rule of the stage: pure, over the call and the tier that counts. */
type Rule = (call: Call, scope: EffectiveTier, tables: Tables) => Answer;

const RULES: readonly (readonly [string, Rule])[] = [
  ["agent_binding", checkBinding],
  ["role_permission", checkPermission],
  ["role_target", checkRoleTarget],
  ["department_target", checkDepartmentTarget],
  ["agent_target", checkAgentTarget],
];

/**
 * The scope stage: the tier that counts must have the permission, and its target list, the user's
 * department and the agent must all let the target through.
 */
export function createScopeStage(roles: RolesConfig, agents: readonly AgentConfig[]): Stage {
  const tables: Tables = {
    roles,
    tiers: new Map(TIERS.map((tier) => [tier, compileTargets(roles.roles[tier].targets)])),
    departments: new Map(
      Object.entries(roles.departments).map(([name, value]) => [
        name,
        compileTargets(value.targets),
      ]),
    ),
    agents: new Map(agents.map((agent) => [agent, compileTargets(agent.targets)])),
  };
  return {
    name: "scope",
    evaluate: ({ call }) => evaluate(call, effectiveTier(call, agents), tables),
  };
}

function evaluate(call: Call, scope: EffectiveTier, tables: Tables): StageResult {
  const rules: RuleResult[] = [];
  let denied: { readonly rule: string; readonly problem: string } | undefined;
  let start = performance.now();
  for (const [rule, check] of RULES) {
    if (denied) {
      rules.push({ stage: "scope", rule, verdict: "skipped", us: 0 });
      continue;
    }
    const { problem, detail } = check(call, scope, tables);
    const now = performance.now();
    const verdict = problem === undefined ? "pass" : "deny";
    rules.push({ stage: "scope", rule, verdict, detail, us: (now - start) * 1000 });
    start = now;
    if (problem !== undefined) denied = { rule, problem };
  }
  if (!denied) return { rules };
  return { rules, denial: deny("scope_restriction", denied.rule, denied.problem) };
}

/** Records whom the call acts as; it refuses nothing itself, the tier it yields does. */
function checkBinding(call: Call, scope: EffectiveTier): Answer {
  const { tier, source } = scope;
  const detail = { source, tier, token_tier: call.tokenTier };
  return { detail: call.agent === undefined ? detail : { ...detail, agent: call.agent } };
}

function checkPermission(call: Call, scope: EffectiveTier, tables: Tables): Answer {
  const permission = permissionFor(call.target);
  const key = call.keyScopes && { key_scopes: call.keyScopes };
  const detail = { permission, tier: scope.tier, ...key };
  if (!scopesReach(call.keyScopes, permission)) {
    return { detail, problem: `The API key does not reach "${permission}"` };
  }
  if (hasPermission(tables.roles, scope.tier, permission)) return { detail };
  return { detail, problem: `${subject(scope)} does not have the permission "${permission}"` };
}

function checkRoleTarget(call: Call, scope: EffectiveTier, tables: Tables): Answer {
  const problem = tables.tiers.get(scope.tier)?.(call.target, call.tool);
  const detail = { target: call.target, tier: scope.tier, ...problemDetail(problem) };
  if (problem === undefined) return { detail };
  const why = problem === "denied" ? "is excluded for it" : "is not among its targets";
  return { detail, problem: `${subject(scope)} may not call "${call.target}": this ${why}` };
}

function checkDepartmentTarget(call: Call, _scope: EffectiveTier, tables: Tables): Answer {
  for (const department of call.departments) {
    const problem = tables.departments.get(department)?.(call.target, call.tool);
    if (problem === undefined) continue;
    const detail = { department, ...problemDetail(problem) };
    return { detail, problem: `Department "${department}" may not call "${call.target}"` };
  }
  return { detail: { department: call.department ?? null } };
}

function checkAgentTarget(call: Call, scope: EffectiveTier, tables: Tables): Answer {
  const agents = [scope.agent, scope.other].filter((agent) => agent !== undefined);
  for (const agent of agents) {
    const problem = tables.agents.get(agent)?.(call.target, call.tool);
    if (problem === undefined) continue;
    const detail = { agent: agent.name, ...problemDetail(problem) };
    return { detail, problem: `Agent "${agent.name}" may not call "${call.target}"` };
  }
  return { detail: { agent: agents[0]?.name ?? null } };
}

function problemDetail(problem: TargetProblem | undefined): { readonly problem?: TargetProblem } {
  return problem === undefined ? {} : { problem };
}

/** `calls:tool` for tools of the client and of MCP servers alike, else after the target's kind. */
function permissionFor(target: string): string {
  const colon = target.indexOf(":");
  const kind = colon < 0 ? target : target.slice(0, colon);
  return kind === "mcp" ? "calls:tool" : `calls:${kind}`;
}

function subject(scope: EffectiveTier): string {
  const role = `Role "${scope.tier}"`;
  if (scope.source === "unknown_agent") return `${role} (the agent is not known here)`;
  if (scope.source === "unbound_agent") return `${role} (the agent is not bound to this user)`;
  return role;
}
