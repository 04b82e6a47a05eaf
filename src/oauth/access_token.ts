import { compactVerify, decodeProtectedHeader, SignJWT } from "jose";
import { isTier, type Tier } from "../kernel/tiers.ts";
import { failure, screenToken, type TokenFailure } from "../identity/mod.ts";
import { ALGORITHM, type SigningKey } from "./signing_keys.ts";

/** Keeps access tokens apart from every other JWT that the same keys sign (RFC 9068). */
const TYPE = "at+jwt";
const HEADER = ["alg", "kid", "typ"];

/** The claims of an access token, under the names they have on the wire. Times are seconds since the epoch. */
export interface AccessClaims {
  /** The base that the client addressed. */
  readonly iss: string;
  /** The URL of one resource. */
  readonly aud: string;
  /** User. */
  readonly sub: string;
  /** Session: what ends it ends the token. */
  readonly sid: string;
  readonly jti: string;
  readonly client_id: string;
  readonly tier: Tier;
  /** Separated by blanks. */
  readonly scope: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly auth_time?: number;
  /** The agent that the session is bound to. */
  readonly agent?: string;
  /** Whoever exchanged another's token for this one (RFC 8693). */
  readonly act?: { readonly sub: string };
}

/** Signs `claims` as a compact JWS. */
export async function signAccessToken(
  { kid, key }: SigningKey,
  claims: AccessClaims,
): Promise<string> {
  return await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .sign(key);
}

/** Finds the public key of a name. */
export type FindKey = (kid: string) => Promise<CryptoKey | undefined>;

/** What a token with a genuine signature says, whatever its times and audience are, or why it is none of ours. */
export async function openAccessToken(
  token: string,
  findKey: FindKey,
): Promise<AccessClaims | TokenFailure> {
  const problem = screenToken(token);
  if (problem) return problem;
  const header = readHeader(token);
  if (!header) return failure("malformed");
  // The algorithm is compared before a key is looked for: a public key must never serve as a secret.
  if (header.alg !== ALGORITHM) return WRONG_ALGORITHM;
  if (header.typ !== TYPE) return failure("wrong_type");
  if (typeof header.kid !== "string" || Object.keys(header).sort().join() !== HEADER.join()) {
    return failure("malformed");
  }
  const key = await findKey(header.kid);
  const payload = key && await openSignature(token, key);
  if (!payload) return failure("bad_signature");
  return readClaims(payload) ?? failure("malformed");
}

const WRONG_ALGORITHM: TokenFailure = {
  rule: "wrong_algorithm",
  reason: `The token is not signed with ${ALGORITHM}`,
};

function readHeader(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodeProtectedHeader(token) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

async function openSignature(token: string, key: CryptoKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(token, key, { algorithms: [ALGORITHM] })).payload;
  } catch {
    return undefined;
  }
}

const TEXTS = ["iss", "aud", "sub", "sid", "jti", "client_id"] as const;
const TIMES = ["iat", "nbf", "exp"] as const;

/** The claims in a payload; undefined when one is missing or not of its type. We signed it: this is a safeguard. */
function readClaims(payload: Uint8Array): AccessClaims | undefined {
  const claims = parse(payload);
  const sound = claims !== undefined &&
    TEXTS.every((name) => typeof claims[name] === "string" && claims[name] !== "") &&
    TIMES.every((name) => Number.isSafeInteger(claims[name])) &&
    typeof claims["scope"] === "string" &&
    typeof claims["tier"] === "string" && isTier(claims["tier"]);
  return sound ? claims as unknown as AccessClaims : undefined;
}

function parse(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}
