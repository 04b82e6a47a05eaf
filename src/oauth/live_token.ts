import type { Sql } from "../db/mod.ts";
import { LEEWAY_S, mayActAs, type Standing, timeProblem } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { type AccessClaims, openAccessToken } from "./access_token.ts";
import type { SigningKeys } from "./signing_keys.ts";
import { findTokenStanding } from "./standing_store.ts";

export interface LiveTokenContext {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly keys: Pick<SigningKeys, "findPublic">;
}

/** An access token that counts now, and what the database says of its user. */
export interface LiveToken {
  readonly claims: AccessClaims;
  readonly department: string | undefined;
  readonly departments: readonly string[];
  readonly groups: readonly string[];
  /** What it reaches where it is an API key. */
  readonly keyScopes?: readonly string[] | undefined;
}

/** An access token that counts now, whoever issued it to whom and for what; undefined for any other text. */
export async function openLiveToken(
  { sql, clock, keys }: LiveTokenContext,
  token: string,
): Promise<LiveToken | undefined> {
  const claims = await openAccessToken(token, (kid) => keys.findPublic(kid));
  if ("rule" in claims || timeProblem(claims, clock.now(), LEEWAY_S)) return undefined;
  const standing = await findTokenStanding(sql, claims);
  if (!standing || !counts(standing, claims, clock.now())) return undefined;
  const { department, departments, groups } = standing;
  return { claims, department: department ?? undefined, departments, groups };
}

/** The claims of an access token of this issuer that counts now; undefined for any other text. */
export async function findLiveToken(
  context: LiveTokenContext,
  token: string,
  issuer: string,
): Promise<AccessClaims | undefined> {
  const live = await openLiveToken(context, token);
  return live?.claims.iss === issuer ? live.claims : undefined;
}

function counts(standing: Standing, claims: AccessClaims, now: number): boolean {
  return standing.userId === claims.sub && standing.tokenId === claims.jti &&
    standing.role === claims.tier && standing.revokedAt === null &&
    standing.expiresAt.getTime() + LEEWAY_S * 1000 > now &&
    standing.status === "active" && !standing.banned && mayActAs(standing.roles, claims.tier);
}
