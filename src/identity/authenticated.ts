import type { Tier } from "../kernel/tiers.ts";
import type { Standing } from "./standing_store.ts";
import {
  type Audience,
  failure,
  type TokenClaims,
  type TokenFailure,
  type TokenRule,
} from "./token_claims.ts";
import { mayActAs } from "./roles.ts";

/** Who holds a token that counts now. */
export interface Authenticated {
  readonly ok: true;
  readonly userId: string;
  readonly sessionId: string;
  readonly tokenId: string;
  readonly clientId: string;
  readonly audience: Audience;
  /** The token's tier, never above what the user holds now. */
  readonly tier: Tier;
  /** The user's department as it is now, whatever the token says. */
  readonly department: string | undefined;
  /** Names from that department up to the top of the tree; empty without one. */
  readonly departments: readonly string[];
  /** Names of the groups that the user is in. */
  readonly groups: readonly string[];
  /** What an API key reaches of what its tier may; undefined: no key, nothing narrows. */
  readonly keyScopes: readonly string[] | undefined;
  /** The agent that the token is bound to. */
  readonly agent: string | undefined;
  /** Milliseconds since the epoch at which the token ends, without leeway. */
  readonly expiresAt: number;
}

/** What a token says of who holds it. */
export type TokenHolder = Pick<TokenClaims, "sub" | "sid" | "client_id">;

/** Why nobody was authenticated. */
export interface AuthFailure extends TokenFailure {
  readonly ok: false;
  /** `unavailable`: it could not be found out, which denies as `audit_unavailable`. */
  readonly kind: "auth_failure" | "unavailable";
  /** Whom to record: present where the token's signature is genuine. */
  readonly claims?: TokenHolder;
}

/** An answer that says why nobody was authenticated. */
export function authFailure(
  problem: TokenFailure,
  claims?: TokenHolder,
  kind: AuthFailure["kind"] = "auth_failure",
): AuthFailure {
  return { ok: false, kind, ...problem, ...claims && { claims } };
}

/** What the database has against a token, or whom it is; `now` in milliseconds, leeway in seconds. */
export function judge(
  claims: TokenClaims,
  standing: Standing | undefined,
  now: number,
  leewayS: number,
): Authenticated | AuthFailure {
  const rule = standingProblem(claims, standing, now, leewayS);
  if (rule !== undefined || !standing) {
    return authFailure(failure(rule ?? "unknown_session"), claims);
  }
  return {
    ok: true,
    userId: claims.sub,
    sessionId: claims.sid,
    tokenId: claims.jti,
    clientId: claims.client_id,
    audience: claims.aud,
    tier: claims.tier,
    department: standing.department ?? undefined,
    departments: standing.departments,
    groups: standing.groups,
    keyScopes: claims.key?.scopes,
    agent: claims.agent,
    expiresAt: Math.min(claims.exp * 1000, standing.expiresAt.getTime()),
  };
}

function standingProblem(
  claims: TokenClaims,
  standing: Standing | undefined,
  now: number,
  leewayS: number,
): TokenRule | undefined {
  // A session of another user, audience or role was never this token's.
  if (
    standing?.userId !== claims.sub ||
    standing.audience !== (claims.key ? "key" : claims.aud) ||
    standing.role !== claims.tier
  ) return "unknown_session";
  if (standing.tokenId !== claims.jti) return "revoked";
  if (standing.revokedAt !== null) return "session_ended";
  if (standing.expiresAt.getTime() + leewayS * 1000 <= now) return "session_ended";
  if (standing.banned) return "banned";
  if (standing.status !== "active") return "user_inactive";
  return mayActAs(standing.roles, claims.tier) ? undefined : "role_withdrawn";
}
