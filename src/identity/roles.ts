import { type Tier, TIER_RANK, TIERS } from "../kernel/tiers.ts";

/** The most trusted of `roles`, which are tiers that a user may take; undefined when there is none. */
export function highestTier(roles: readonly string[]): Tier | undefined {
  return TIERS.find((tier) => roles.includes(tier));
}

/** Whether somebody who holds `roles` may act as `tier`: as one of them or below the highest, never above. */
export function mayActAs(roles: readonly string[], tier: Tier): boolean {
  const highest = highestTier(roles);
  return highest !== undefined && TIER_RANK[tier] <= TIER_RANK[highest];
}

/** `roles` without repetition, most trusted first. */
export function sortRoles(roles: readonly Tier[]): Tier[] {
  return TIERS.filter((tier) => roles.includes(tier));
}
