import { OAuthError } from "./oauth_error.ts";

/** Scopes that concern the person or the grant rather than a server. */
export const PERSON_SCOPES = ["openid", "profile", "email", "offline_access"] as const;

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const MAX_SCOPES = 100;

/** The scopes in a parameter, each once, in order. Throws `invalid_scope` for what can be none. */
export function parseScope(text: string | undefined): string[] {
  const scopes = [...new Set((text ?? "").split(" ").filter((scope) => scope !== ""))];
  if (scopes.length <= MAX_SCOPES && scopes.every((scope) => SCOPE.test(scope))) return scopes;
  throw new OAuthError("invalid_scope", "The scope is malformed");
}

/** Scopes as a parameter or claim holds them. */
export function formatScope(scopes: readonly string[]): string {
  return scopes.join(" ");
}

/** Whether the scope is one about the person. */
export function isPersonScope(scope: string): boolean {
  return (PERSON_SCOPES as readonly string[]).includes(scope);
}

/** Those of `scopes` that `others` holds too. */
export function intersect(scopes: readonly string[], others: readonly string[]): string[] {
  return scopes.filter((scope) => others.includes(scope));
}

/** Whether all of `scopes` are among `others`. */
export function isWithin(scopes: readonly string[], others: readonly string[]): boolean {
  return scopes.every((scope) => others.includes(scope));
}
