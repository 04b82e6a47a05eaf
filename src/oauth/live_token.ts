import type { Sql } from "../db/mod.ts";
import { LEEWAY_S, mayActAs, timeProblem } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { type AccessClaims, openAccessToken } from "./access_token.ts";
import type { SigningKeys } from "./signing_keys.ts";
import { findTokenStanding } from "./standing_store.ts";

export interface LiveTokenContext {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly keys: SigningKeys;
}

/** An access token of this issuer that counts now, whatever its resource is; undefined for any other text. */
export async function findLiveToken(
  { sql, clock, keys }: LiveTokenContext,
  token: string,
  issuer: string,
): Promise<AccessClaims | undefined> {
  const claims = await openAccessToken(token, (kid) => keys.findPublic(kid));
  if ("rule" in claims || claims.iss !== issuer) return undefined;
  if (timeProblem(claims, clock.now(), LEEWAY_S)) return undefined;
  const standing = await findTokenStanding(sql, claims);
  const counts = standing !== undefined && standing.userId === claims.sub &&
    standing.tokenId === claims.jti && standing.role === claims.tier &&
    standing.revokedAt === null && standing.expiresAt.getTime() + LEEWAY_S * 1000 > clock.now() &&
    standing.status === "active" && !standing.banned && mayActAs(standing.roles, claims.tier);
  return counts ? claims : undefined;
}
