import { hashOpaque } from "../kernel/opaque.ts";
import type { ClientRequest, GrantContext, TokenAnswer } from "./grants/context.ts";
import { findTokenHolder } from "./holder_store.ts";
import { findLiveToken } from "./live_token.ts";
import { OAuthError } from "./oauth_error.ts";
import { required } from "./parameters.ts";
import { findRefresh } from "./refresh_store.ts";
import { formatScope } from "./scope.ts";

const INACTIVE: TokenAnswer = { active: false };

/**
 * What a token is (RFC 7662), to a client that proved who it is: about its own tokens, or any where an
 * operator lets it ask. Everything else is inactive, whatever the reason.
 */
export async function introspectToken(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  if (request.client.authMethod === "none") {
    throw new OAuthError("invalid_client", "A client that cannot prove who it is may not ask");
  }
  const token = required(request.parameters, "token");
  return await describeAccess(context, request, token) ??
    await describeRefresh(context, request, token) ?? INACTIVE;
}

function maySee({ client }: ClientRequest, clientId: string): boolean {
  return client.introspects || client.id === clientId;
}

async function describeAccess(
  context: GrantContext,
  request: ClientRequest,
  token: string,
): Promise<TokenAnswer | undefined> {
  const claims = await findLiveToken(context, token, request.issuer);
  if (!claims || !maySee(request, claims.client_id)) return undefined;
  const { iss, aud, sub, client_id, scope, iat, nbf, exp, jti } = claims;
  return {
    active: true,
    token_type: "Bearer",
    ...{ iss, aud, sub, client_id, scope, iat, nbf, exp, jti },
    ...claims.act && { act: claims.act },
  };
}

async function describeRefresh(
  { sql }: GrantContext,
  request: ClientRequest,
  token: string,
): Promise<TokenAnswer | undefined> {
  const found = await findRefresh(sql, hashOpaque(token));
  if (!found || found.ended || found.expired || found.usedAt !== null) return undefined;
  if (found.issuer !== request.issuer || !maySee(request, found.clientId)) return undefined;
  if (!await findTokenHolder(sql, found.userId, found.role)) return undefined;
  return {
    active: true,
    iss: found.issuer,
    aud: found.resource,
    sub: found.userId,
    client_id: found.clientId,
    scope: formatScope(found.scopes),
    exp: Math.floor(found.expiresAt.getTime() / 1000),
  };
}
