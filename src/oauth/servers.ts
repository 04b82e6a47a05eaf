import type { Tier } from "../kernel/tiers.ts";
import { OAuthError } from "./oauth_error.ts";
import { isPersonScope, isWithin, PERSON_SCOPES } from "./scope.ts";

/** A protected resource as the authorization server knows it. */
export interface ResourceServer {
  /** `all` is every server together, `account` the person's own account. */
  readonly name: string;
  /** Where it is, after the issuer. */
  readonly path: string;
  /** Every scope it knows. */
  readonly scopes: readonly string[];
  /** What a client gets that asks for no scope. */
  readonly defaultScopes: readonly string[];
}

/** Whose rights are asked about. */
export interface Holder {
  readonly tier: Tier;
  readonly department: string | null;
}

/** The protected resources, as the configuration has them now. */
export interface Servers {
  list(): readonly ResourceServer[];
  /** Whether the role and the department leave any use for this scope of this server. */
  mayHold(server: string, scope: string, holder: Holder): boolean;
}

/** The person's own account: what tokens of a plain sign-in are for. */
export const ACCOUNT: ResourceServer = {
  name: "account",
  path: "/api/v1/core/oauth/userinfo",
  scopes: PERSON_SCOPES,
  defaultScopes: ["openid"],
};

/** A resource, by the exact URL that a client gave it. */
export interface Target {
  readonly server: ResourceServer;
  readonly resource: string;
}

/**
 * The resource that is meant: the one named, else the only one that the scopes fit. Throws `invalid_target`.
 */
export function findTarget(
  servers: Servers,
  issuer: string,
  resources: readonly string[],
  scopes: readonly string[],
): Target {
  if (resources.length > 1) {
    throw new OAuthError("invalid_target", "A token is for one resource");
  }
  const all = [...servers.list(), ACCOUNT];
  const [named] = resources;
  const server = named === undefined
    ? inferServer(all, scopes)
    : all.find(({ path }) => `${issuer}${path}` === named);
  if (server) return { server, resource: `${issuer}${server.path}` };
  throw new OAuthError("invalid_target", "The resource is none of this authorization server");
}

function inferServer(
  all: readonly ResourceServer[],
  scopes: readonly string[],
): ResourceServer | undefined {
  const own = scopes.filter((scope) => !isPersonScope(scope));
  if (own.length === 0) return scopes.includes("openid") ? ACCOUNT : undefined;
  const fitting = all.filter(({ name, scopes: known }) => name !== "all" && isWithin(own, known));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** What is asked for of a server: the default where nothing is. Throws `invalid_scope` for what it does not know. */
export function scopesFor(
  server: ResourceServer,
  asked: readonly string[],
): readonly string[] {
  const own = asked.filter((scope) => !isPersonScope(scope) || server === ACCOUNT);
  if (!isWithin(own, server.scopes)) {
    throw new OAuthError("invalid_scope", "The resource does not know this scope");
  }
  return own.length === 0 ? [...server.defaultScopes, ...asked] : asked;
}

/** Those of the scopes that somebody may hold. Scopes about the person go with every sign-in. */
export function heldScopes(
  servers: Servers,
  server: string,
  scopes: readonly string[],
  holder: Holder,
): string[] {
  return scopes.filter((scope) => isPersonScope(scope) || servers.mayHold(server, scope, holder));
}

/** Whether there is anything in it beyond the person. */
export function isWorthGranting(server: string, scopes: readonly string[]): boolean {
  return server === ACCOUNT.name ? scopes.length > 0 : !scopes.every(isPersonScope);
}
