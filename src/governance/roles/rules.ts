import { TIER_RANK, TIERS } from "../../kernel/tiers.ts";
import type { RuleInfo } from "../rule_info.ts";
import type { AgentConfig, RolesConfig } from "./config.ts";

/** Every rule of the scope stage: one for each role, department and agent. */
export function listScopeRules(roles: RolesConfig, agents: readonly AgentConfig[]): RuleInfo[] {
  return [
    ...TIERS.map((tier) =>
      rule("role", tier, "roles.yaml", describe(roles.roles[tier].description, TIER_RANK[tier]))
    ),
    ...Object.entries(roles.departments).map(([name, department]) =>
      rule("department", name, "roles.yaml", department.description)
    ),
    ...agents.map((agent) =>
      rule(
        "agent",
        agent.name,
        `agents/${agent.name}`,
        agent.description || `At most ${agent.tier}`,
      )
    ),
  ];
}

function describe(description: string, rank: number): string {
  return `${description || "No description"} (rank ${rank})`;
}

function rule(category: string, name: string, source: string, description: string): RuleInfo {
  const id = `scope.${category}.${name}`;
  return { id, stage: "scope", category, description, source, enabled: true };
}
