import { compactVerify, SignJWT } from "jose";
import type { Clock } from "../kernel/clock.ts";
import {
  type Audience,
  failure,
  isRecord,
  readClaims,
  screenToken,
  timeProblem,
  type TokenClaims,
  type TokenFailure,
  type VerifyResult,
} from "./token_claims.ts";

/** The one algorithm there is: nothing in a token chooses it. */
const ALGORITHM = "HS256";
/** Keeps our tokens apart from every other JWT that the same key might sign one day. */
const TYPE = "spgov+jwt";

/** Seconds by which the clocks of issuer and verifier may differ. */
export const LEEWAY_S = 60;

/** Signs `claims` as a compact JWS, HS256. `key`: 32 bytes, derived for the purpose `token`. */
export async function issueToken(key: Uint8Array, claims: TokenClaims): Promise<string> {
  return await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .sign(await importKey(key, "sign"));
}

/** Whose tokens count, and by which clock. */
export interface VerifierOptions {
  /** `spgov:<id of the master key>`. */
  readonly issuer: string;
  readonly clock: Clock;
  /** Seconds; 60 unless given. */
  readonly leewayS?: number;
}

/** Verifies a token for one audience. Never throws for what a token may be. */
export type TokenVerifier = (
  token: string | undefined,
  audience: Audience,
) => Promise<VerifyResult>;

/** A verifier that holds `key`: runs where keys may be, gateways ask it. */
export function createTokenVerifier(key: Uint8Array, options: VerifierOptions): TokenVerifier {
  const imported = importKey(key, "verify");
  return async (token, audience) => {
    const text = token ?? "";
    const problem = screenToken(text) ?? encodingProblem(text) ?? headerProblem(text);
    if (problem) return { ok: false, failure: problem };
    const payload = await openSignature(text, await imported);
    if (!payload) return { ok: false, failure: failure("bad_signature") };
    const claims = readClaims(parseOwnJson(payload));
    if (!claims) return { ok: false, failure: failure("malformed") };
    const refusal = claimProblem(claims, audience, options);
    return refusal ? { ok: false, failure: refusal, claims } : { ok: true, claims };
  };
}

function importKey(key: Uint8Array, usage: "sign" | "verify"): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", Uint8Array.from(key), algorithm, false, [usage]);
}

/** One token has one spelling: base64url without spare bits. */
function encodingProblem(token: string): TokenFailure | undefined {
  const canonical = token.split(".").every((part) =>
    decode(part).toBase64({ alphabet: "base64url", omitPadding: true }) === part
  );
  return canonical ? undefined : failure("malformed");
}

/** The header may say `alg` and `typ`, in our words, and nothing else: no `kid`, `jwk`, `jku`, `crit`, `b64`. */
function headerProblem(token: string): TokenFailure | undefined {
  const header = parseOwnJson(decode(token.slice(0, token.indexOf("."))));
  if (!isRecord(header)) return failure("malformed");
  if (header.alg !== ALGORITHM) return failure("wrong_algorithm");
  if (header.typ !== TYPE) return failure("wrong_type");
  return Object.keys(header).length === 2 ? undefined : failure("malformed");
}

async function openSignature(token: string, key: CryptoKey): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(token, key, { algorithms: [ALGORITHM] })).payload;
  } catch {
    return undefined;
  }
}

function claimProblem(
  claims: TokenClaims,
  audience: Audience,
  { issuer, clock, leewayS = LEEWAY_S }: VerifierOptions,
): TokenFailure | undefined {
  if (claims.iss !== issuer) return failure("wrong_issuer");
  if (claims.aud !== audience) return failure("wrong_audience");
  const rule = timeProblem(claims, clock.now(), leewayS);
  return rule && failure(rule);
}

function decode(part: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(part, { alphabet: "base64url" });
  } catch {
    return new Uint8Array();
  }
}

/**
 * JSON exactly as `JSON.stringify` writes it, which is how we write it; undefined otherwise. This refuses
 * repeated members, white space and escapes by which two readers could see two different tokens.
 */
function parseOwnJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
