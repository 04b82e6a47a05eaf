/** The six tiers, most trusted first. */
export const TIERS = ["admin", "user", "service", "a2a", "mcp", "anonymous"] as const;
/** One of them. */
export type Tier = typeof TIERS[number];

/** Rank of each tier: it orders rate and trust, it grants nothing by itself. */
export const TIER_RANK: Readonly<Record<Tier, number>> = {
  admin: 100,
  user: 50,
  service: 40,
  a2a: 30,
  mcp: 20,
  anonymous: 10,
};

/** Whether `text` names a tier. */
export function isTier(text: string): text is Tier {
  return Object.hasOwn(TIER_RANK, text);
}

/** The less trusted of two tiers. */
export function lowerTier(a: Tier, b: Tier): Tier {
  return TIER_RANK[a] <= TIER_RANK[b] ? a : b;
}
