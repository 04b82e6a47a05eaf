import type { Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { hashOpaque } from "../kernel/opaque.ts";
import { findApiKeyByHash } from "./api_key_store.ts";
import { type Authenticated, judge } from "./authenticated.ts";
import { findStanding } from "./standing_store.ts";
import { type Audience, failure, timeProblem, type VerifyResult } from "./token_claims.ts";
import { LEEWAY_S } from "./tokens.ts";

/**
 * Whose key this is, as what a token says of itself. What may void it since (its session, its user, bans) is
 * asked as for any token. Rejects when the database cannot be asked.
 */
export async function verifyApiKey(
  sql: Sql,
  clock: Clock,
  text: string,
  audience: Audience,
): Promise<VerifyResult> {
  const key = await findApiKeyByHash(sql, hashOpaque(text));
  if (!key) return { ok: false, failure: failure("unknown_key") };
  const iat = Math.floor(key.createdAt.getTime() / 1000);
  const claims = {
    iss: "spgov:key",
    aud: audience,
    sub: key.userId,
    sid: key.sessionId,
    jti: key.id,
    tier: key.role,
    client_id: `key:${key.prefix}`,
    iat,
    nbf: iat,
    exp: Math.ceil(key.expiresAt.getTime() / 1000),
    ...key.agent !== null && { agent: key.agent },
    key: { scopes: key.scopes },
  };
  if (!key.audiences.includes(audience)) {
    return { ok: false, failure: failure("wrong_audience"), claims };
  }
  const rule = timeProblem(claims, clock.now(), LEEWAY_S);
  return rule ? { ok: false, failure: failure(rule), claims } : { ok: true, claims };
}

/** Who holds a key that counts now for the audience, asked of the database; undefined for any other text. */
export async function findKeyHolder(
  sql: Sql,
  clock: Clock,
  text: string,
  audience: Audience,
): Promise<Authenticated | undefined> {
  const verified = await verifyApiKey(sql, clock, text, audience);
  if (!verified.ok) return undefined;
  const { claims } = verified;
  const who = judge(claims, await findStanding(sql, claims.sid), clock.now(), LEEWAY_S);
  return who.ok ? who : undefined;
}
