import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { timingSafeEqual } from "node:crypto";
import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { hashOpaque } from "../kernel/opaque.ts";
import { insertAssertion } from "./assertion_store.ts";
import type { AuthMethod, Client } from "./client.ts";
import type { GetClient } from "./client_finder.ts";
import { findClientHashes } from "./client_store.ts";
import { OAuthError } from "./oauth_error.ts";
import { one, type Parameters } from "./parameters.ts";

/** What a client shows of who it is. */
interface Shown {
  readonly id: string;
  readonly method: AuthMethod;
  /** A secret or an assertion. */
  readonly proof: string;
}

/** A client that is known, and that whoever asked could not prove to be. */
export class UnprovedClient extends OAuthError {
  constructor(readonly client: Client, description: string) {
    super("invalid_client", description);
  }
}

export interface ClientAuthContext {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly getClient: GetClient;
}

export interface ClientAuthRequest {
  readonly authorization: string | undefined;
  readonly parameters: Parameters;
  readonly issuer: string;
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Algorithms of assertions: with public keys only. */
const ASSERTION_ALGORITHMS = ["ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"];
/** Seconds that an assertion may be good for. */
const ASSERTION_S = 300;

/**
 * The client that makes a request, proved by the one method that it is registered with. Throws
 * `invalid_client`, or `invalid_request` for two methods at once.
 */
export async function authenticateClient(
  context: ClientAuthContext,
  request: ClientAuthRequest,
): Promise<Client> {
  const shown = readShown(request);
  const client = await context.getClient(shown.id);
  if (client.authMethod !== shown.method) {
    throw new UnprovedClient(client, "The client proves itself in another way than registered");
  }
  if (!await isProved(context, client, shown, request.issuer)) {
    throw new UnprovedClient(client, "The client could not prove who it is");
  }
  return client;
}

function readShown({ authorization, parameters }: ClientAuthRequest): Shown {
  const id = one(parameters, "client_id");
  const secret = one(parameters, "client_secret");
  const assertion = one(parameters, "client_assertion");
  const methods = [authorization, secret, assertion].filter((each) => each !== undefined);
  if (methods.length > 1) {
    throw new OAuthError("invalid_request", "The client proves itself in two ways at once");
  }
  if (authorization !== undefined) return readBasic(authorization, id);
  if (assertion !== undefined) return readAssertion(assertion, parameters, id);
  if (id === undefined) throw new OAuthError("invalid_client", "There is no client_id");
  return { id, method: secret === undefined ? "none" : "client_secret_post", proof: secret ?? "" };
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are put together. */
function readBasic(authorization: string, given: string | undefined): Shown {
  try {
    const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1] ?? "";
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(encoded));
    const at = text.indexOf(":");
    const [id, proof] = [text.slice(0, at), text.slice(at + 1)].map((part) =>
      decodeURIComponent(part.replaceAll("+", " "))
    );
    if (at > 0 && id && proof && (given ?? id) === id) {
      return { id, method: "client_secret_basic", proof };
    }
  } catch {
    // Not what Basic authentication looks like: refused below.
  }
  throw new OAuthError("invalid_client", "The header Authorization cannot be used");
}

function readAssertion(
  proof: string,
  parameters: Parameters,
  given: string | undefined,
): Shown {
  const id = given ?? subjectOf(proof);
  if (one(parameters, "client_assertion_type") === ASSERTION_TYPE && id !== undefined) {
    return { id, method: "private_key_jwt", proof };
  }
  throw new OAuthError("invalid_client", "The client assertion cannot be used");
}

/** Whom an assertion claims to be about, before anything is verified. */
function subjectOf(assertion: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(assertion.split(".")[1] ?? "", { alphabet: "base64url" });
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const subject = (claims as { readonly sub?: unknown } | null)?.sub;
    return typeof subject === "string" ? subject : undefined;
  } catch {
    return undefined;
  }
}

async function isProved(
  context: ClientAuthContext,
  client: Client,
  { method, proof }: Shown,
  issuer: string,
): Promise<boolean> {
  switch (method) {
    case "none":
      return true;
    case "private_key_jwt":
      return await isAsserted(context, client, proof, issuer);
    default: {
      const { secretHash } = await findClientHashes(context.sql, client.id) ?? {};
      return secretHash ? timingSafeEqual(hashOpaque(proof), secretHash) : false;
    }
  }
}

/** RFC 7523: signed with a key of the client, for us, for minutes, and never seen before. */
async function isAsserted(
  { sql, clock }: ClientAuthContext,
  client: Client,
  assertion: string,
  issuer: string,
): Promise<boolean> {
  const now = clock.now();
  const { exp = 0, jti } = await openAssertion(client, assertion, issuer, now) ?? {};
  if (typeof jti !== "string" || jti.length > 256 || exp > now / 1000 + ASSERTION_S) return false;
  return await insertAssertion(sql, client.id, jti, new Date((exp + 60) * 1000));
}

async function openAssertion(
  { id, jwks }: Client,
  assertion: string,
  issuer: string,
  now: number,
): Promise<JWTPayload | undefined> {
  if (!jwks) return undefined;
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(jwks as JSONWebKeySet), {
      algorithms: ASSERTION_ALGORITHMS,
      issuer: id,
      subject: id,
      audience: [issuer, `${issuer}/api/v1/core/oauth/token`],
      clockTolerance: 30,
      currentDate: new Date(now),
      requiredClaims: ["exp", "jti"],
    });
    return payload;
  } catch {
    // Whatever is wrong with it, or with the client's own keys: it proves nothing.
    return undefined;
  }
}
