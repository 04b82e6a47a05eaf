import { AppError } from "../kernel/errors.ts";
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

/** Throws `denied` where `roles` hold one above that of `actor`: nobody raises anybody above themselves, or touches who is. */
export function refuseAbove(actor: { readonly role: Tier }, roles: readonly Tier[]): void {
  if (roles.every((role) => TIER_RANK[role] <= TIER_RANK[actor.role])) return;
  throw new AppError("denied", `The role ${actor.role} may not give, take or use a higher one`, {
    details: { rule: "role_above_own" },
  });
}

/** Whether both name the same roles. */
export function sameRoles(a: readonly Tier[], b: readonly Tier[]): boolean {
  return a.length === b.length && a.every((role) => b.includes(role));
}
