import type { AccessClaims } from "../access_token.ts";
import { clientScopes } from "../authorize.ts";
import { findTokenHolder } from "../holder_store.ts";
import { OAuthError } from "../oauth_error.ts";
import { many, one, required } from "../parameters.ts";
import { intersect, isPersonScope, isWithin, parseScope } from "../scope.ts";
import { findTarget, heldScopes, isWorthGranting } from "../servers.ts";
import { findLiveToken } from "../live_token.ts";
import {
  type ClientRequest,
  type GrantContext,
  refuse,
  settle,
  type TokenAnswer,
} from "./context.ts";
import { issueTokens } from "./issue.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";

/**
 * Exchanges an access token for a narrower one (RFC 8693): of the same person and session, with no scope
 * that it did not have, that lives no longer, for another resource that knows those scopes.
 */
export async function exchangeToken(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  checkTypes(request);
  const { client, parameters, issuer } = request;
  const subject = await findLiveToken(context, required(parameters, "subject_token"), issuer);
  if (!subject) {
    throw new OAuthError("invalid_grant", "The subject token is not one that counts here");
  }
  // A public client proves nothing: it may narrow what was its own, not what it found.
  const isOwn = subject.client_id === client.id;
  const scopes = subject.scope.split(" ");
  const asked = parseScope(one(parameters, "scope"));
  const resources = [...many(parameters, "resource"), ...many(parameters, "audience")];
  const wanted = resources.length === 0 ? [subject.aud] : [...new Set(resources)];
  const { server, resource } = findTarget(context.servers(), issuer, wanted, asked);
  const key = await context.keys.current();
  return await settle(context, async (sql) => {
    const holder = await findTokenHolder(sql, subject.sub, subject.tier);
    const common = asked.length > 0 ? asked : intersect(scopes, server.scopes);
    const narrowed = clientScopes(client, common, asked.length > 0);
    const problem = !isOwn && client.authMethod === "none"
      ? "other_client"
      : !holder
      ? "user_inactive"
      : exchangeProblem(subject, narrowed, server.scopes) ??
        (isWithin(narrowed, heldScopes(context.servers(), server.name, narrowed, holder))
          ? undefined
          : "scope_not_held");
    if (problem || !holder || !isWorthGranting(server.name, narrowed)) {
      const who = { userId: subject.sub, sessionId: subject.sid, role: subject.tier };
      const error = problem === "other_client" || problem === "user_inactive"
        ? new OAuthError("invalid_grant", "The subject token is not this client's to exchange")
        : new OAuthError("invalid_scope", "The subject token does not hold that for this resource");
      return await refuse(context, sql, request, who, problem ?? "no_scope_in_common", error);
    }
    const answer = await issueTokens(context, sql, request, key, {
      ...{ holder, resource, scopes: narrowed, grant: "token_exchange", notAfter: subject.exp },
      session: { id: subject.sid, expiresAt: new Date(subject.exp * 1000) },
      ...!isOwn && { actor: client.id },
    });
    return { ...answer, issued_token_type: ACCESS_TOKEN };
  });
}

function checkTypes({ parameters }: ClientRequest): void {
  if (one(parameters, "actor_token") !== undefined) {
    throw new OAuthError("invalid_request", "Actor tokens are not supported");
  }
  const requested = one(parameters, "requested_token_type") ?? ACCESS_TOKEN;
  const given = required(parameters, "subject_token_type");
  if (given === ACCESS_TOKEN || given === JWT) {
    if (requested === ACCESS_TOKEN || requested === JWT) return;
  }
  throw new OAuthError("invalid_request", "Only access tokens are exchanged, for access tokens");
}

/** Nothing may come out that did not go in. */
function exchangeProblem(
  { scope }: AccessClaims,
  wanted: readonly string[],
  known: readonly string[],
): string | undefined {
  if (wanted.length === 0) return "no_scope_in_common";
  if (!isWithin(wanted, scope.split(" "))) return "scope_widened";
  return wanted.every((each) => known.includes(each) || isPersonScope(each))
    ? undefined
    : "scope_of_other_server";
}
