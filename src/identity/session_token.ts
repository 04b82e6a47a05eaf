import { uuidV7 } from "../kernel/ids.ts";
import type { Tier } from "../kernel/tiers.ts";
import { highestTier } from "./roles.ts";
import type { NewSession } from "./session_store.ts";
import type { Audience, TokenClaims } from "./token_claims.ts";
import type { User } from "./user_store.ts";

/** The session that is wanted. */
export interface SessionRequest {
  readonly userId: string;
  /** One of the user's roles or below; the user's highest unless given. */
  readonly role?: Tier;
  readonly audience: Audience;
  /** Milliseconds. */
  readonly ttlMs: number;
  readonly clientId: string;
  readonly agent?: string;
  /** The device that it is for: a ban of the device is a ban of the session. */
  readonly device?: string;
  /** `spgov:<id of the master key>` */
  readonly issuer: string;
}

/** A session that began, and the token that is good for it. Keep the token out of logs. */
export interface OpenedSession {
  readonly session: NewSession;
  readonly claims: TokenClaims;
  readonly token: string;
}

/** A session that a token opens. */
type TokenSession = NewSession & { readonly audience: Audience };

/** Signs the claims: holds the key, so that what opens sessions need not. */
export type SignToken = (claims: TokenClaims) => Promise<string>;

/** A session of `user` that begins at `now` (milliseconds), and the signed token that is good for it. */
export async function buildSession(
  user: User,
  request: SessionRequest,
  now: number,
  sign: SignToken,
): Promise<OpenedSession> {
  const iat = Math.floor(now / 1000);
  const exp = iat + Math.ceil(request.ttlMs / 1000);
  const role = request.role ?? highestTier(user.roles) ?? "anonymous";
  const session: TokenSession = {
    id: `sess_${uuidV7(now)}`,
    userId: user.id,
    clientId: request.clientId,
    audience: request.audience,
    role,
    agent: request.agent ?? null,
    tokenId: crypto.randomUUID(),
    address: null,
    userAgent: null,
    device: request.device ?? null,
    createdAt: new Date(now),
    expiresAt: new Date(exp * 1000),
  };
  const claims = claimsOf(session, user, request.issuer, { iat, exp });
  return { session, claims, token: await sign(claims) };
}

function claimsOf(
  session: TokenSession,
  user: User,
  issuer: string,
  { iat, exp }: { readonly iat: number; readonly exp: number },
): TokenClaims {
  return {
    iss: issuer,
    aud: session.audience,
    sub: user.id,
    sid: session.id,
    jti: session.tokenId,
    tier: session.role,
    client_id: session.clientId,
    iat,
    nbf: iat,
    exp,
    ...user.department === null ? {} : { dept: user.department },
    ...session.agent === null ? {} : { agent: session.agent },
  };
}
