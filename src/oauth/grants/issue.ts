import type { Sql } from "../../db/mod.ts";
import { identityEvent, insertSession, type NewSession } from "../../identity/mod.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import { hashOpaque, newOpaque } from "../../kernel/opaque.ts";
import { type AccessClaims, signAccessToken } from "../access_token.ts";
import type { TokenHolder } from "../holder_store.ts";
import { signIdToken } from "../id_token.ts";
import { insertRefresh } from "../refresh_store.ts";
import { formatScope } from "../scope.ts";
import type { SigningKey } from "../signing_keys.ts";
import { actorOf, type ClientRequest, type GrantContext, type TokenAnswer } from "./context.ts";

/** The session that tokens belong to. */
export interface GrantSession {
  readonly id: string;
  readonly expiresAt: Date;
}

/** What tokens are issued for. */
export interface TokenTerms {
  readonly holder: TokenHolder;
  readonly session: GrantSession;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly grant: string;
  readonly authTime?: Date;
  readonly nonce?: string;
  /** The refresh token that comes with it: its scopes, which may be more than the access token's. */
  readonly refreshScopes?: readonly string[];
  /** Whoever exchanged another's token for this one. */
  readonly actor?: string;
  /** Seconds since the epoch beyond which the token may not live. */
  readonly notAfter?: number;
}

const DAY_MS = 86_400_000;

/** Opens the session that a client's tokens for somebody belong to, and records it. */
export async function openGrantSession(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  holder: TokenHolder,
  lifeMs: number,
): Promise<GrantSession> {
  const now = context.clock.now();
  const session: NewSession = {
    id: `sess_${uuidV7(now)}`,
    userId: holder.id,
    clientId: request.client.id,
    audience: "mcp",
    role: holder.tier,
    agent: null,
    // A session has many tokens: each names itself.
    tokenId: "oauth",
    createdAt: new Date(now),
    expiresAt: new Date(now + lifeMs),
  };
  await insertSession(sql, session);
  const detail = {
    user_id: holder.id,
    audience: "mcp",
    role: holder.tier,
    client_id: request.client.id,
    expires_at: session.expiresAt.toISOString(),
  };
  const actor = actorOf(request, { userId: holder.id, role: holder.tier });
  await context.record(sql, [identityEvent(actor, "session_created", detail, session.id)]);
  return session;
}

/** How long a client's session may last: with refresh tokens, and with the one access token alone. */
export function sessionLife({ client }: ClientRequest, { config }: GrantContext): number {
  const { session_days, access_token_seconds } = config();
  return client.grantTypes.includes("refresh_token")
    ? session_days * DAY_MS
    : access_token_seconds * 1000;
}

/** Issues the tokens, records that, and answers them as the token endpoint does. */
export async function issueTokens(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  key: SigningKey,
  terms: TokenTerms,
): Promise<TokenAnswer> {
  const claims = accessClaims(context, request, terms);
  const refresh = terms.refreshScopes && await storeRefresh(context, sql, request, terms);
  const idToken = terms.authTime && terms.scopes.includes("openid") &&
    await signIdToken(key, claims, terms.holder, terms.nonce);
  await context.record(sql, [issuedEvent(request, terms, claims)]);
  return {
    access_token: await signAccessToken(key, claims),
    token_type: "Bearer",
    expires_in: claims.exp - claims.iat,
    scope: claims.scope,
    ...refresh && { refresh_token: refresh },
    ...idToken && { id_token: idToken },
  };
}

function accessClaims(
  { clock, config }: GrantContext,
  { client, issuer }: ClientRequest,
  terms: TokenTerms,
): AccessClaims {
  const { holder, session, resource, scopes, authTime, actor } = terms;
  const iat = Math.floor(clock.now() / 1000);
  const ends = [
    iat + config().access_token_seconds,
    Math.floor(session.expiresAt.getTime() / 1000),
    terms.notAfter ?? Infinity,
  ];
  return {
    iss: issuer,
    aud: resource,
    sub: holder.id,
    sid: session.id,
    jti: crypto.randomUUID(),
    client_id: client.id,
    tier: holder.tier,
    scope: formatScope(scopes),
    iat,
    nbf: iat,
    exp: Math.min(...ends),
    ...authTime && { auth_time: Math.floor(authTime.getTime() / 1000) },
    ...actor !== undefined && { act: { sub: actor } },
  };
}

async function storeRefresh(
  { clock, config }: GrantContext,
  sql: Sql,
  { client, issuer }: ClientRequest,
  { session, resource, refreshScopes = [], authTime }: TokenTerms,
): Promise<string> {
  const token = newOpaque();
  const now = clock.now();
  const idle = now + config().refresh_idle_days * DAY_MS;
  await insertRefresh(sql, {
    tokenHash: hashOpaque(token),
    sessionId: session.id,
    clientId: client.id,
    ...{ issuer, resource, scopes: refreshScopes },
    authTime: authTime ?? new Date(now),
    expiresAt: new Date(Math.min(idle, session.expiresAt.getTime())),
  });
  return token;
}

function issuedEvent(
  request: ClientRequest,
  { holder, session, grant, resource, actor }: TokenTerms,
  { jti, scope, exp, tier }: AccessClaims,
) {
  const detail = {
    user_id: holder.id,
    audience: "mcp",
    role: tier,
    client_id: request.client.id,
    ...{ grant, resource, scope, token_id: jti },
    expires_at: new Date(exp * 1000).toISOString(),
    ...actor !== undefined && { actor },
  };
  const cause = actorOf(request, { userId: holder.id, role: holder.tier });
  return identityEvent(cause, "token_issued", detail, session.id);
}
