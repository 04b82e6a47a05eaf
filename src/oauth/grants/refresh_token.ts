import type { Sql } from "../../db/mod.ts";
import { hashOpaque } from "../../kernel/opaque.ts";
import { findTokenHolder } from "../holder_store.ts";
import { OAuthError } from "../oauth_error.ts";
import { many, one, required } from "../parameters.ts";
import { findRefresh, type RefreshStanding, useRefresh } from "../refresh_store.ts";
import { isWithin, parseScope } from "../scope.ts";
import { heldScopes, isWorthGranting } from "../servers.ts";
import type { SigningKey } from "../signing_keys.ts";
import {
  type ClientRequest,
  type GrantContext,
  refuse,
  refuseReuse,
  settle,
  type TokenAnswer,
} from "./context.ts";
import { issueTokens } from "./issue.ts";
import { serverAt } from "./target.ts";

/** Exchanges a refresh token for new tokens, once. Coming with a used one ends the family. */
export async function refreshTokens(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  const hash = hashOpaque(required(request.parameters, "refresh_token"));
  const key = await context.keys.current();
  const token = await findRefresh(context.sql, hash);
  if (!token || token.ended) throw unknown();
  if (token.usedAt !== null) {
    return await refuseReuse(context, request, token, "refresh_token_reused", reused());
  }
  const scopes = narrowedScopes(token, request);
  const answer = await settle(context, async (sql) => {
    const problem = refreshProblem(token, request);
    if (problem) return await refuse(context, sql, request, token, problem, unknown());
    if (!await useRefresh(sql, hash)) return undefined;
    return await renew(context, sql, request, token, scopes, key);
  });
  return answer ??
    await refuseReuse(context, request, token, "refresh_token_reused", reused());
}

async function renew(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  token: RefreshStanding,
  asked: readonly string[],
  key: SigningKey,
): Promise<TokenAnswer | OAuthError> {
  const holder = await findTokenHolder(sql, token.userId, token.role);
  if (!holder) {
    return await refuse(context, sql, request, token, "user_or_role_withdrawn", unknown());
  }
  const server = serverAt(context.servers(), request.issuer, token.resource);
  const scopes = server ? heldScopes(context.servers(), server, asked, holder) : [];
  if (!server || !isWorthGranting(server, scopes)) {
    const error = new OAuthError("invalid_grant", "The person may not hold these scopes any more");
    return await refuse(context, sql, request, token, "scope_withdrawn", error);
  }
  return await issueTokens(context, sql, request, key, {
    ...{ holder, resource: token.resource, scopes, authTime: token.authTime },
    grant: "refresh_token",
    session: { id: token.sessionId, expiresAt: token.sessionEnds },
    refreshScopes: token.scopes,
  });
}

function refreshProblem(
  token: RefreshStanding,
  { client, issuer }: ClientRequest,
): string | undefined {
  if (token.clientId !== client.id) return "other_client";
  if (token.issuer !== issuer) return "other_issuer";
  return token.expired ? "expired" : undefined;
}

/** The token's scopes, or those of them that are asked for. */
function narrowedScopes(
  { scopes, resource }: RefreshStanding,
  { parameters }: ClientRequest,
): readonly string[] {
  if (many(parameters, "resource").some((each) => each !== resource)) {
    throw new OAuthError("invalid_target", "The refresh token is for another resource");
  }
  const asked = parseScope(one(parameters, "scope"));
  if (!isWithin(asked, scopes)) {
    throw new OAuthError("invalid_scope", "The refresh token does not hold this scope");
  }
  return asked.length === 0 ? scopes : asked;
}

function reused(): OAuthError {
  return new OAuthError(
    "invalid_grant",
    "The refresh token was used before: its whole family is revoked",
  );
}

function unknown(): OAuthError {
  return new OAuthError("invalid_grant", "The refresh token is unknown, expired or revoked");
}
