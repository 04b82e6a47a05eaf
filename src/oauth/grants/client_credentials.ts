import { findClientSession, findTokenHolder } from "../holder_store.ts";
import { OAuthError } from "../oauth_error.ts";
import { clientScopes } from "../authorize.ts";
import { many, one } from "../parameters.ts";
import { isPersonScope, isWithin, parseScope } from "../scope.ts";
import { findTarget, heldScopes, isWorthGranting, scopesFor } from "../servers.ts";
import {
  type ClientRequest,
  type GrantContext,
  refuse,
  settle,
  type TokenAnswer,
} from "./context.ts";
import { issueTokens, openGrantSession } from "./issue.ts";

const SESSION_MS = 86_400_000;

/**
 * A token for the client's own service account. All its tokens of a day share a session: limits count by
 * session, and a new token must not bring a new allowance.
 */
export async function grantToClient(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  const { client, parameters, issuer } = request;
  const { userId } = client;
  if (userId === null) {
    throw new OAuthError("unauthorized_client", "The client has no service account");
  }
  const asked = parseScope(one(parameters, "scope"));
  if (asked.some(isPersonScope)) {
    throw new OAuthError("invalid_scope", "There is no person whom this scope could be about");
  }
  const servers = context.servers();
  const { server, resource } = findTarget(servers, issuer, many(parameters, "resource"), asked);
  const scopes = clientScopes(client, scopesFor(server, asked), asked.length > 0);
  const key = await context.keys.current();
  return await settle(context, async (sql) => {
    const holder = await findTokenHolder(sql, userId);
    const held = holder ? heldScopes(servers, server.name, scopes, holder) : [];
    if (!holder || !isWorthGranting(server.name, held) || !isWithin(asked, held)) {
      const rule = holder ? "scope_not_held" : "user_inactive";
      const error = holder
        ? new OAuthError("invalid_scope", "The service account may not hold this scope")
        : new OAuthError("unauthorized_client", "The service account may not hold tokens");
      return await refuse(context, sql, request, { userId }, rule, error);
    }
    const seconds = context.config().access_token_seconds;
    const session = await findClientSession(sql, userId, client.id, holder.tier, seconds) ??
      await openGrantSession(context, sql, request, holder, SESSION_MS);
    return await issueTokens(context, sql, request, key, {
      ...{ holder, session, resource, scopes: held },
      grant: "client_credentials",
    });
  });
}
