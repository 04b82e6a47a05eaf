import type { Tier } from "../../kernel/tiers.ts";
import { compileGlobs, type Matcher } from "../glob.ts";
import type { RolesConfig } from "./config.ts";

const compiled = new WeakMap<RolesConfig, Map<Tier, Matcher>>();

/**
 * Whether the role table gives `tier` the permission, e.g. `audit:read`. Only what is written
 * counts: a higher rank implies nothing.
 */
export function hasPermission(roles: RolesConfig, tier: Tier, permission: string): boolean {
  let table = compiled.get(roles);
  if (table === undefined) compiled.set(roles, table = new Map());
  let matches = table.get(tier);
  if (matches === undefined) {
    table.set(tier, matches = compileGlobs(roles.roles[tier].permissions));
  }
  return matches(permission);
}

/** The permissions of `tier` as the role table writes them. */
export function listPermissions(roles: RolesConfig, tier: Tier): readonly string[] {
  return roles.roles[tier].permissions;
}
