import type { Tier } from "../../kernel/tiers.ts";
import type { Call } from "../call.ts";
import type { Audience } from "./config.ts";

/** Whom a rule concerns, given the tier that counts. */
export type AudienceTest = (call: Call, tier: Tier) => boolean;

/**
 * Compiles `except` and `only`: within each, every list that is given must hold the caller's value.
 * Agent and plugin are the client's own words: spare by them together with a role only.
 */
export function compileAudience(
  except: Audience | undefined,
  only: Audience | undefined,
): AudienceTest {
  if (except === undefined && only === undefined) return () => true;
  const spares = except === undefined ? () => false : compileMembership(except);
  const concerns = only === undefined ? () => true : compileMembership(only);
  return (call, tier) => concerns(call, tier) && !spares(call, tier);
}

function compileMembership(audience: Audience): AudienceTest {
  const { roles, departments, agents, plugins } = audience;
  if (roles.length + departments.length + agents.length + plugins.length === 0) return () => false;
  return (call, tier) =>
    holds(roles, tier) && holdsAny(departments, call.departments) && holds(agents, call.agent) &&
    holds(plugins, call.plugin);
}

function holdsAny(list: readonly string[], values: readonly string[]): boolean {
  return list.length === 0 || values.some((value) => list.includes(value));
}

function holds(list: readonly string[], value: string | undefined): boolean {
  return list.length === 0 || (value !== undefined && list.includes(value));
}
