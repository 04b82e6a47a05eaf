/** The six tiers, most trusted first. */
export const TIERS = ["admin", "user", "service", "a2a", "mcp", "anonymous"] as const;
/** One of the six tiers; a user's roles are tiers that it may take. */
export type Tier = typeof TIERS[number];

/** Rank of each tier: it orders trust, it grants nothing by itself. */
const RANK: Readonly<Record<Tier, number>> = {
  admin: 100,
  user: 50,
  service: 40,
  a2a: 30,
  mcp: 20,
  anonymous: 10,
};

/** Whether `text` names a tier. */
export function isTier(text: string): text is Tier {
  return Object.hasOwn(RANK, text);
}

/** The most trusted of `roles`; undefined when there is none. */
export function highestTier(roles: readonly string[]): Tier | undefined {
  return TIERS.find((tier) => roles.includes(tier));
}

/** Whether somebody who holds `roles` may act as `tier`: as one of them or below the highest, never above. */
export function mayActAs(roles: readonly string[], tier: Tier): boolean {
  const highest = highestTier(roles);
  return highest !== undefined && RANK[tier] <= RANK[highest];
}

/** `roles` without repetition, most trusted first. */
export function sortRoles(roles: readonly Tier[]): Tier[] {
  return TIERS.filter((tier) => roles.includes(tier));
}
