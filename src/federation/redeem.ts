import type * as oauth from "oauth4webapi";
import type { FederatedPerson, PendingSignIn } from "../identity/mod.ts";
import type { SecretBytes } from "../vault/mod.ts";
import { clientAuthOf, type Provider } from "./provider.ts";

/** Seconds that clocks may differ by. */
const SKEW_S = 60;

/** What came back, as far as it has to fit together. */
export interface Answer {
  readonly pending: PendingSignIn & { readonly createdAt: Date };
  readonly state: string;
  readonly parameters: URLSearchParams;
}

/** Whom a provider's answer speaks of; `stale` where the proof is from before the sign-in began. */
export type Redeemed =
  | { readonly ok: true; readonly person: FederatedPerson }
  | { readonly ok: false; readonly rule: "stale_proof" | "wrong_response" };

/**
 * Redeems the code and checks the ID token: signature, issuer, audience, nonce, times. Rejects with what the
 * library finds wrong, or with what kept the provider from answering.
 */
export async function redeem(
  provider: Provider,
  secret: SecretBytes | undefined,
  { pending, state, parameters }: Answer,
): Promise<Redeemed> {
  const { library, server, client, terms, config } = provider;
  const skewed = { ...client, [library.clockTolerance]: SKEW_S };
  const callback = library.validateAuthResponse(server, skewed, parameters, state);
  const response = await library.authorizationCodeGrantRequest(
    server,
    skewed,
    clientAuthOf(provider, secret),
    callback,
    pending.redirectUri,
    pending.verifier,
    terms,
  );
  const tokens = await library.processAuthorizationCodeResponse(server, skewed, response, {
    expectedNonce: pending.nonce,
    requireIdToken: true,
  });
  await library.validateApplicationLevelSignature(server, response, terms);
  const claims = library.getValidatedIdTokenClaims(tokens);
  if (!claims || !SUBJECT.test(claims.sub)) return { ok: false, rule: "wrong_response" };
  if (pending.fresh && !isFresh(claims, pending.createdAt)) {
    return { ok: false, rule: "stale_proof" };
  }
  const all = { ...await furtherClaims(provider, tokens, claims), ...claims };
  const isFit = Object.entries(config.required_claims).every(([name, value]) =>
    Object.hasOwn(all, name) && all[name] === value
  );
  if (!isFit) return { ok: false, rule: "wrong_response" };
  return { ok: true, person: personOf(provider, claims.sub, all) };
}

/** A subject, as the standard limits it: whose the account is hangs on it. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

function isFresh({ auth_time }: oauth.IDToken, begunAt: Date): boolean {
  return auth_time !== undefined && auth_time >= begunAt.getTime() / 1000 - SKEW_S;
}

/** What the ID token leaves out may stand behind the access token. */
async function furtherClaims(
  { library, server, client, terms }: Provider,
  tokens: oauth.TokenEndpointResponse,
  { sub, email }: oauth.IDToken,
): Promise<Readonly<Record<string, unknown>>> {
  if (email !== undefined || server.userinfo_endpoint === undefined) return {};
  const response = await library.userInfoRequest(server, client, tokens.access_token, terms);
  return await library.processUserInfoResponse(server, client, sub, response);
}

function personOf(
  { config, server }: Provider,
  subject: string,
  claims: Readonly<Record<string, unknown>>,
): FederatedPerson {
  return {
    provider: config.name,
    issuer: server.issuer,
    subject,
    email: text(claims["email"]),
    isEmailVerified: config.trust_email || claims["email_verified"] === true,
    name: text(claims["preferred_username"]),
    fullName: text(claims["name"]),
  };
}

/** Longest text that is taken over. */
const MAX_TEXT = 200;

function text(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const trimmed = value.trim();
  return trimmed === "" || trimmed.length > MAX_TEXT ? undefined : trimmed;
}
