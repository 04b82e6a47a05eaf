import { AppError } from "./errors.ts";

/** As the role table writes permissions; scopes of MCP servers have the same form, or are one word. */
const SCOPE = /^(\*|[a-z][a-z0-9_.-]{0,63}(:(\*|[a-z][a-z0-9_.-]{0,63}))?)$/;
const MAX_SCOPES = 64;

/** Sorted, without repetition. Throws `invalid`. */
export function checkScopes(scopes: readonly string[]): string[] {
  const bad = scopes.find((scope) => !SCOPE.test(scope));
  if (bad !== undefined) {
    throw new AppError("invalid", `Cannot use ${JSON.stringify(bad)} as a scope of a key`, {
      hint: "Write a permission (audit:read, users:*), a scope of an MCP server, or * for all.",
    });
  }
  if (scopes.length === 0 || scopes.length > MAX_SCOPES) {
    throw new AppError("invalid", `A key has 1 to ${MAX_SCOPES} scopes, not ${scopes.length}`);
  }
  return [...new Set(scopes)].sort();
}

/** Whether a key with these scopes reaches the permission; undefined: no key, nothing narrows. */
export function scopesReach(scopes: readonly string[] | undefined, permission: string): boolean {
  if (scopes === undefined) return true;
  return scopes.some((scope) =>
    scope === "*" || scope === permission ||
    scope.endsWith(":*") && permission.startsWith(scope.slice(0, -1))
  );
}

/** Whether everything that `scopes` reach is reached by `outer` too: nobody makes a key that reaches further. */
export function scopesWithin(
  scopes: readonly string[],
  outer: readonly string[] | undefined,
): boolean {
  return scopes.every((scope) => scopesReach(outer, scope));
}
