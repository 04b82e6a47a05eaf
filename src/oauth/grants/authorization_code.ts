import type { Sql } from "../../db/mod.ts";
import { hashOpaque } from "../../kernel/opaque.ts";
import { findSpentCode, insertSpentCode, type StoredCode, takeCode } from "../code_store.ts";
import { findTokenHolder, isSessionOpen } from "../holder_store.ts";
import { OAuthError } from "../oauth_error.ts";
import { many, one, required } from "../parameters.ts";
import { verifierFits } from "../pkce.ts";
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
import { issueTokens, openGrantSession, sessionLife } from "./issue.ts";
import { serverAt } from "./target.ts";

/** Redeems a code, once: whatever is wrong with the request, the code is gone. */
export async function redeemCode(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  const hash = hashOpaque(required(request.parameters, "code"));
  const key = await context.keys.current();
  const spent = await findSpentCode(context.sql, hash);
  if (spent) return await refuseReuse(context, request, spent, "code_reused", reused());
  try {
    return await settle(context, (sql) => redeem(context, sql, request, hash, key));
  } catch (error) {
    // Somebody was faster with the same code: one of the two may be a thief.
    const late = error instanceof OAuthError ? await findSpentCode(context.sql, hash) : undefined;
    if (late) return await refuseReuse(context, request, late, "code_reused", reused());
    throw error;
  }
}

async function redeem(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  hash: Uint8Array,
  key: SigningKey,
): Promise<TokenAnswer | OAuthError> {
  const code = await takeCode(sql, hash);
  if (!code) return new OAuthError("invalid_grant", "The code is unknown, used or expired");
  const rule = codeProblem(code, request) ??
    (await isSessionOpen(sql, code.browserSession) ? undefined : "browser_session_ended");
  const holder = await findTokenHolder(sql, code.userId);
  const server = serverAt(context.servers(), request.issuer, code.resource);
  const scopes = holder && server ? heldScopes(context.servers(), server, code.scopes, holder) : [];
  const problem = rule ?? (holder ? undefined : "user_inactive") ??
    (server && isWorthGranting(server, scopes) ? undefined : "scope_withdrawn");
  if (problem || !holder) {
    const error = new OAuthError("invalid_grant", PROBLEMS[problem ?? ""] ?? UNFIT);
    const role = holder && { role: holder.tier };
    return await refuse(
      context,
      sql,
      request,
      { userId: code.userId, ...role },
      `${problem}`,
      error,
    );
  }
  const life = sessionLife(request, context);
  const session = await openGrantSession(context, sql, request, holder, life);
  await insertSpentCode(sql, hash, session.id, session.expiresAt);
  return await issueTokens(context, sql, request, key, {
    ...{ holder, session, resource: code.resource, scopes, authTime: code.authTime },
    grant: "authorization_code",
    ...code.nonce !== null && { nonce: code.nonce },
    ...request.client.grantTypes.includes("refresh_token") && { refreshScopes: scopes },
  });
}

const UNFIT = "The code does not fit the request";
const PROBLEMS: Readonly<Record<string, string>> = {
  browser_session_ended: "The person signed out before the code was redeemed",
  user_inactive: "The person may not hold tokens",
  scope_withdrawn: "The person may not hold these scopes any more",
};

/** What of the request is not what the code was made for. */
function codeProblem(code: StoredCode, { client, parameters, issuer }: ClientRequest):
  | string
  | undefined {
  if (code.clientId !== client.id) return "other_client";
  if (code.issuer !== issuer) return "other_issuer";
  if (code.redirectUri !== one(parameters, "redirect_uri")) return "other_redirect_uri";
  if (!verifierFits(one(parameters, "code_verifier"), code.codeChallenge)) return "wrong_verifier";
  const resources = many(parameters, "resource");
  return resources.every((resource) => resource === code.resource) ? undefined : "other_resource";
}

function reused(): OAuthError {
  return new OAuthError("invalid_grant", "The code was used before: what it gave is revoked");
}
