import { isTier, type Tier } from "../kernel/tiers.ts";

/** What a token opens: hooks, the API, MCP servers. A token is good for exactly one. */
export const AUDIENCES = ["hook", "api", "mcp"] as const;
/** One of them. */
export type Audience = typeof AUDIENCES[number];

/** The claims of a token, under the names they have on the wire. Times are seconds since the epoch. */
export interface TokenClaims {
  readonly iss: string;
  readonly aud: Audience;
  /** User. */
  readonly sub: string;
  /** Session. */
  readonly sid: string;
  /** The token itself; its session knows which one it is. */
  readonly jti: string;
  readonly tier: Tier;
  readonly client_id: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  /** Department. */
  readonly dept?: string;
  /** The agent that the token is bound to. */
  readonly agent?: string;
  /** Of an API key, never of a signed token: what it reaches of what its role may. */
  readonly key?: { readonly scopes: readonly string[] };
}

/** Why a token is refused. Stable: they stand in audit rows and answers. */
export const TOKEN_RULES = {
  missing_token: "No token was sent",
  oversize: "The token is longer than 4096 characters",
  malformed: "The token is not one that this service issues",
  wrong_algorithm: "The token is not signed with HS256",
  wrong_type: "The token is of another type",
  bad_signature: "The token's signature does not fit",
  wrong_issuer: "The token was issued by somebody else",
  wrong_audience: "The token is for another audience",
  expired: "The token has expired",
  not_yet_valid: "The token is not valid yet",
  revoked: "The token was revoked",
  unknown_session: "The token's session does not exist",
  session_ended: "The token's session has ended",
  unknown_user: "The token's user does not exist",
  user_inactive: "The token's user is not active",
  banned: "The token's user or device is banned",
  unknown_key: "The API key is not known",
  role_withdrawn: "The token's user does not hold its role any more",
  identity_unavailable: "The token could not be checked",
} as const;

/** A name of `TOKEN_RULES`. */
export type TokenRule = keyof typeof TOKEN_RULES;

/** Why a token is refused, for answers and rows. */
export interface TokenFailure {
  readonly rule: TokenRule;
  /** One stable sentence; no character of the token. */
  readonly reason: string;
}

/** What the signature and the claims of a token say. Plain data: it may be posted between isolates. */
export type VerifyResult =
  | { readonly ok: true; readonly claims: TokenClaims }
  /** `claims` where the signature is genuine: they say whom to record. */
  | { readonly ok: false; readonly failure: TokenFailure; readonly claims?: TokenClaims };

/** The failure of `rule`, with its sentence. */
export function failure(rule: TokenRule): TokenFailure {
  return { rule, reason: TOKEN_RULES[rule] };
}

/** Characters of the longest token that is looked at. */
export const MAX_TOKEN_LENGTH = 4096;
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** What can be said against a token without a key; undefined: nothing yet. */
export function screenToken(token: string | undefined): TokenFailure | undefined {
  if (token === undefined || token === "") return failure("missing_token");
  if (token.length > MAX_TOKEN_LENGTH) return failure("oversize");
  return SHAPE.test(token) ? undefined : failure("malformed");
}

/** Whether `now` (milliseconds) lies outside the claims' times, with `leewayS` for clocks that differ. */
export function timeProblem(
  claims: Pick<TokenClaims, "iat" | "nbf" | "exp">,
  now: number,
  leewayS: number,
): "expired" | "not_yet_valid" | undefined {
  const seconds = now / 1000;
  if (seconds >= claims.exp + leewayS) return "expired";
  if (seconds < Math.max(claims.nbf, claims.iat) - leewayS) return "not_yet_valid";
  return undefined;
}

const TEXT_CLAIMS = ["iss", "sub", "sid", "jti", "client_id"] as const;
const TIME_CLAIMS = ["iat", "nbf", "exp"] as const;
const OPTIONAL_CLAIMS = ["dept", "agent"] as const;
const ALL_CLAIMS: ReadonlySet<string> = new Set([
  ...TEXT_CLAIMS,
  ...TIME_CLAIMS,
  ...OPTIONAL_CLAIMS,
  "aud",
  "tier",
]);

/** The claims in a payload; undefined when one is missing, unknown or not of its type. */
export function readClaims(payload: unknown): TokenClaims | undefined {
  if (!isRecord(payload)) return undefined;
  const members = payload;
  const sound = Object.keys(members).every((name) => ALL_CLAIMS.has(name)) &&
    TEXT_CLAIMS.every((name) => isText(members[name])) &&
    OPTIONAL_CLAIMS.every((name) => members[name] === undefined || isText(members[name])) &&
    TIME_CLAIMS.every((name) => isTime(members[name])) &&
    typeof members.tier === "string" && isTier(members.tier) &&
    typeof members.aud === "string" &&
    Number(members.exp) > Number(members.iat) && Number(members.exp) > Number(members.nbf);
  return sound ? members as unknown as TokenClaims : undefined;
}

/** Whether `value` is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= 256;
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
