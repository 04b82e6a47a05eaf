import type { Authenticated } from "../identity/mod.ts";
import { scopesReach } from "../kernel/key_scopes.ts";
import { heldScopes, type Servers } from "./servers.ts";

/**
 * The scopes that the holder of an API key has at the resource of this path: those that the key reaches, and that the
 * holder's role and department leave any use for.
 */
export function scopesOfKey(
  servers: Servers,
  path: string,
  { keyScopes, tier, department }: Authenticated,
): readonly string[] {
  const server = servers.list().find((each) => each.path === path);
  if (!server) return [];
  const reached = server.scopes.filter((scope) => scopesReach(keyScopes, scope));
  return heldScopes(servers, server.name, reached, { tier, department: department ?? null });
}
