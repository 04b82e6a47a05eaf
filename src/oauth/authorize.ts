import type { Client } from "./client.ts";
import type { GetClient } from "./client_finder.ts";
import { OAuthError } from "./oauth_error.ts";
import { checkParameters, many, one, type Parameters, required } from "./parameters.ts";
import { CHALLENGE_METHOD, isChallenge } from "./pkce.ts";
import { findRedirectUri, withParameters } from "./redirect_uri.ts";
import { intersect, isWithin, parseScope } from "./scope.ts";
import { findTarget, scopesFor, type Servers } from "./servers.ts";

/** An authorization that was asked for properly. */
export interface AuthorizationRequest {
  readonly client: Client;
  readonly issuer: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string;
  readonly resource: string;
  readonly server: string;
  readonly scopes: readonly string[];
  /** Whoever signed in before this many seconds ago has to do it again; undefined: whenever is fine. */
  readonly maxAge: number | undefined;
  readonly askConsent: boolean;
  /** Nothing may be shown: what cannot be answered without is an error. */
  readonly silent: boolean;
}

/** What became of the parameters. */
export type ReadAuthorization =
  | { readonly kind: "request"; readonly request: AuthorizationRequest }
  /** To the client: its address was checked. */
  | { readonly kind: "redirect"; readonly url: string }
  /** To the person: there is no client, or no address, that could be told. */
  | { readonly kind: "page"; readonly error: OAuthError };

export interface AuthorizationTerms {
  readonly issuer: string;
  readonly getClient: GetClient;
  readonly servers: Servers;
}

/**
 * Reads an authorization request. First who asks and where the answer goes; nothing is redirected to an
 * address before it is known to be that client's.
 */
export async function readAuthorization(
  parameters: Parameters,
  terms: AuthorizationTerms,
): Promise<ReadAuthorization> {
  let answer: { readonly redirectUri: string; readonly state: string | undefined };
  let client: Client;
  try {
    checkParameters(parameters);
    client = await terms.getClient(required(parameters, "client_id"));
    answer = { redirectUri: redirectOf(parameters, client), state: stateOf(parameters) };
  } catch (error) {
    if (error instanceof OAuthError) return { kind: "page", error };
    throw error;
  }
  try {
    return { kind: "request", request: readRest(parameters, client, answer, terms) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { kind: "redirect", url: errorUrl({ ...answer, issuer: terms.issuer }, error) };
  }
}

/** Where a client is told that nothing came of it. */
export function errorUrl(
  { redirectUri, state, issuer }: {
    readonly redirectUri: string;
    readonly state: string | undefined;
    readonly issuer: string;
  },
  error: OAuthError,
): string {
  const { code, message } = error;
  return withParameters(redirectUri, {
    error: code,
    error_description: message,
    state,
    iss: issuer,
  });
}

function redirectOf(parameters: Parameters, client: Client): string {
  const given = required(parameters, "redirect_uri");
  if (findRedirectUri(client.redirectUris, given) !== undefined) return given;
  throw new OAuthError("invalid_request", "The redirect URI is not one of this client");
}

function stateOf(parameters: Parameters): string | undefined {
  const state = one(parameters, "state");
  if (state === undefined || state.length <= 2048) return state;
  throw new OAuthError("invalid_request", '"state" is longer than 2048 characters');
}

function readRest(
  parameters: Parameters,
  client: Client,
  { redirectUri, state }: { readonly redirectUri: string; readonly state: string | undefined },
  { issuer, servers }: AuthorizationTerms,
): AuthorizationRequest {
  checkForm(parameters);
  if (!client.grantTypes.includes("authorization_code")) {
    throw new OAuthError("unauthorized_client", "The client may not ask for codes");
  }
  const asked = parseScope(one(parameters, "scope"));
  const { server, resource } = findTarget(servers, issuer, many(parameters, "resource"), asked);
  const scopes = clientScopes(client, scopesFor(server, asked), asked.length > 0);
  return {
    ...{ client, issuer, redirectUri, state, resource, server: server.name, scopes },
    nonce: one(parameters, "nonce"),
    codeChallenge: challengeOf(parameters),
    ...promptOf(parameters),
  };
}

function checkForm(parameters: Parameters): void {
  if (one(parameters, "request") !== undefined) {
    throw new OAuthError("request_not_supported", "Request objects are not supported");
  }
  if (one(parameters, "request_uri") !== undefined) {
    throw new OAuthError("request_uri_not_supported", "Request objects are not supported");
  }
  if (required(parameters, "response_type") !== "code") {
    throw new OAuthError("unsupported_response_type", 'Only the response type "code" is supported');
  }
  if ((one(parameters, "response_mode") ?? "query") !== "query") {
    throw new OAuthError("invalid_request", 'Only the response mode "query" is supported');
  }
}

function challengeOf(parameters: Parameters): string {
  const challenge = one(parameters, "code_challenge");
  if (challenge === undefined) {
    throw new OAuthError("invalid_request", "PKCE is required: there is no code_challenge");
  }
  if (one(parameters, "code_challenge_method") !== CHALLENGE_METHOD) {
    throw new OAuthError("invalid_request", "PKCE with S256 is required");
  }
  if (isChallenge(challenge)) return challenge;
  throw new OAuthError("invalid_request", "The code_challenge is no SHA-256 in base64url");
}

/**
 * What the client may have of it, where an operator says so; what a client says of itself binds nobody. What is
 * default rather than asked for is narrowed instead of refused.
 */
export function clientScopes(
  client: Client,
  scopes: readonly string[],
  wereAsked: boolean,
): readonly string[] {
  if (client.scopes === null || client.kind !== "registered") return scopes;
  if (!wereAsked) return intersect(scopes, client.scopes);
  if (isWithin(scopes, client.scopes)) return scopes;
  throw new OAuthError("invalid_scope", "The client may not ask for this scope");
}

const PROMPTS = ["none", "login", "consent", "select_account"];

function promptOf(
  parameters: Parameters,
): Pick<AuthorizationRequest, "maxAge" | "askConsent" | "silent"> {
  const prompts = (one(parameters, "prompt") ?? "").split(" ").filter((word) => word !== "");
  if (!isWithin(prompts, PROMPTS) || prompts.includes("none") && prompts.length > 1) {
    throw new OAuthError("invalid_request", '"prompt" is not as expected');
  }
  const age = one(parameters, "max_age");
  if (age !== undefined && !/^\d{1,9}$/.test(age)) {
    throw new OAuthError("invalid_request", '"max_age" is no number of seconds');
  }
  const again = prompts.includes("login") || prompts.includes("select_account");
  return {
    maxAge: again ? 0 : age === undefined ? undefined : Number(age),
    askConsent: prompts.includes("consent"),
    silent: prompts.includes("none"),
  };
}
