import * as z from "zod";
import {
  AUTH_METHODS,
  type AuthMethod,
  type Client,
  GRANT_TYPES,
  type GrantType,
  type KeySet,
} from "./client.ts";
import { OAuthError } from "./oauth_error.ts";
import { type RedirectTrust, redirectUriProblem } from "./redirect_uri.ts";
import { parseScope } from "./scope.ts";

const text = z.string().max(2000);

/** Metadata of RFC 7591, as far as we look at it; what else there is does not matter. */
const metadataSchema = z.object({
  client_id: text.optional(),
  client_name: text.optional(),
  client_uri: text.optional(),
  redirect_uris: z.array(text).max(20).default([]),
  grant_types: z.array(text).max(20).default(["authorization_code"]),
  response_types: z.array(text).max(20).default(["code"]),
  token_endpoint_auth_method: text.optional(),
  scope: text.optional(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) }).optional(),
  client_secret: z.unknown().optional(),
  client_secret_expires_at: z.unknown().optional(),
});

export type ClientMetadata = z.output<typeof metadataSchema>;

/** Grants that a client may claim without an operator: those at which a person decides. */
const OPEN_GRANTS: ReadonlySet<GrantType> = new Set([
  "authorization_code",
  "refresh_token",
  "urn:ietf:params:oauth:grant-type:device_code",
]);

/** Throws `invalid_client_metadata`. */
export function readClientMetadata(value: unknown): ClientMetadata {
  const parsed = metadataSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`"${issue?.path.join(".") ?? ""}" is not as expected`);
}

/** What decides what a client may say of itself. */
export interface MetadataTerms {
  readonly id: string;
  readonly kind: Client["kind"];
  readonly authMethods: readonly AuthMethod[];
  readonly defaultAuthMethod: AuthMethod;
}

/** The client that metadata describe. Throws `invalid_client_metadata` or `invalid_redirect_uri`. */
export function clientOf(metadata: ClientMetadata, terms: MetadataTerms): Client {
  const trust: RedirectTrust = terms.kind === "registered" ? "operator" : "itself";
  const grantTypes = grantsOf(metadata, trust);
  checkRedirects(metadata.redirect_uris, trust, grantTypes);
  if (!metadata.response_types.includes("code") && grantTypes.includes("authorization_code")) {
    throw invalid('"response_types" has no "code"');
  }
  const authMethod = authMethodOf(metadata, terms);
  return {
    id: terms.id,
    kind: terms.kind,
    name: printable(metadata.client_name ?? "") || nameOf(terms.id),
    uri: webAddress(metadata.client_uri),
    redirectUris: metadata.redirect_uris,
    grantTypes,
    authMethod,
    jwks: authMethod === "private_key_jwt" ? keysOf(metadata) : null,
    scopes: metadata.scope === undefined ? null : parseScope(metadata.scope),
    userId: null,
    introspects: false,
  };
}

/** What of the grants it names can be had; others are left out, as RFC 7591 allows. */
function grantsOf({ grant_types }: ClientMetadata, trust: RedirectTrust): GrantType[] {
  const grants = GRANT_TYPES.filter((grant) =>
    grant_types.includes(grant) && (trust === "operator" || OPEN_GRANTS.has(grant))
  );
  if (grants.length === 0) throw invalid('"grant_types" names none that can be had');
  return grants;
}

function checkRedirects(
  uris: readonly string[],
  trust: RedirectTrust,
  grants: readonly GrantType[],
): void {
  if (grants.includes("authorization_code") && uris.length === 0) {
    throw new OAuthError("invalid_redirect_uri", 'There is no "redirect_uris"');
  }
  for (const uri of uris) {
    const problem = redirectUriProblem(uri, trust);
    if (problem) {
      throw new OAuthError("invalid_redirect_uri", `A redirect URI is refused: ${problem}`);
    }
  }
}

function authMethodOf(
  { token_endpoint_auth_method: asked }: ClientMetadata,
  { authMethods, defaultAuthMethod }: MetadataTerms,
): AuthMethod {
  if (asked === undefined) return defaultAuthMethod;
  const method = AUTH_METHODS.find((name) => name === asked && authMethods.includes(name));
  if (method) return method;
  throw invalid('"token_endpoint_auth_method" is none that can be had');
}

/** Public keys that sign; a private one in it is refused rather than kept. */
function keysOf({ jwks }: ClientMetadata): KeySet {
  if (!jwks) throw invalid('"private_key_jwt" takes "jwks"');
  for (const key of jwks.keys) {
    if (key["kty"] === "oct" || "d" in key || "k" in key || "p" in key) {
      throw invalid('"jwks" holds more than public keys');
    }
  }
  return jwks;
}

const MAX_NAME = 80;

/** A name as a page may show it: no control, no direction, no line of its own. */
function printable(name: string): string {
  const shown = name.toWellFormed().replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim();
  return [...shown].slice(0, MAX_NAME).join("");
}

function nameOf(id: string): string {
  return URL.parse(id)?.hostname ?? id;
}

function webAddress(uri: string | undefined): string | null {
  const url = uri === undefined ? null : URL.parse(uri);
  return url?.protocol === "https:" && url.username === "" ? url.href : null;
}

function invalid(problem: string): OAuthError {
  return new OAuthError("invalid_client_metadata", `The client's metadata are refused: ${problem}`);
}
