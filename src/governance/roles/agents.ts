import { lowerTier, type Tier } from "../../kernel/tiers.ts";
import type { Call } from "../call.ts";
import type { AgentConfig } from "./config.ts";

/** The tier that counts, and where it comes from. */
export interface EffectiveTier {
  readonly tier: Tier;
  /**
   * `token`: no agent named; `agent`: a known agent of this user; `unknown_agent`: nobody configured
   * it; `unbound_agent`: configured, but not for this user. The last two mean the least tier.
   */
  readonly source: "token" | "agent" | "unknown_agent" | "unbound_agent";
  readonly agent?: AgentConfig;
  /** The other agent that narrows the call, where the token is bound to one and the body names another. */
  readonly other?: AgentConfig;
}

/** What of a call decides its tier. */
export type AgentClaim =
  & Pick<Call, "agent" | "tokenTier" | "userId" | "departments">
  & Partial<Pick<Call, "tokenAgent">>;

const indexes = new WeakMap<readonly AgentConfig[], ReadonlyMap<string, AgentConfig>>();

/**
 * The tier of a call: the token's, lowered by the agent that the token is bound to and by the one that the
 * body names, never raised. An agent that is unknown, or not bound to this user, means the least tier.
 */
export function effectiveTier(call: AgentClaim, agents: readonly AgentConfig[]): EffectiveTier {
  const named = tierAs(call, agents);
  const { tokenAgent } = call;
  if (tokenAgent === undefined || tokenAgent === call.agent) return named;
  const bound = tierAs({ ...call, agent: tokenAgent }, agents);
  const [lower, other] = lowerTier(bound.tier, named.tier) === bound.tier
    ? [bound, named]
    : [named, bound];
  return { ...lower, ...other.agent && { other: other.agent } };
}

/** The tier of a call as the one agent that it names. */
function tierAs(call: AgentClaim, agents: readonly AgentConfig[]): EffectiveTier {
  if (call.agent === undefined) return { tier: call.tokenTier, source: "token" };
  const agent = indexOf(agents).get(call.agent);
  if (agent === undefined) return { tier: "anonymous", source: "unknown_agent" };
  if (!isBound(agent, call)) return { tier: "anonymous", source: "unbound_agent", agent };
  return { tier: lowerTier(call.tokenTier, agent.tier), source: "agent", agent };
}

/** Names that two agents claim, each as one sentence; empty when every name is unique. */
export function agentProblems(agents: readonly AgentConfig[]): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const agent of agents) {
    for (const name of new Set([agent.name, ...agent.agent_types])) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        problems.push(`Agents "${owner}" and "${agent.name}" both claim the name "${name}"`);
      }
      owners.set(name, owner ?? agent.name);
    }
  }
  return problems;
}

function isBound(agent: AgentConfig, call: AgentClaim): boolean {
  if (agent.users.length === 0 && agent.departments.length === 0) return true;
  if (agent.users.includes(call.userId)) return true;
  return call.departments.some((department) => agent.departments.includes(department));
}

function indexOf(agents: readonly AgentConfig[]): ReadonlyMap<string, AgentConfig> {
  const known = indexes.get(agents);
  if (known !== undefined) return known;
  const index = new Map<string, AgentConfig>();
  for (const agent of agents) {
    for (const name of [agent.name, ...agent.agent_types]) {
      if (!index.has(name)) index.set(name, agent);
    }
  }
  indexes.set(agents, index);
  return index;
}
