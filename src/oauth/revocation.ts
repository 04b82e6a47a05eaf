import { endSessions, identityEvent } from "../identity/mod.ts";
import { hashOpaque } from "../kernel/opaque.ts";
import { actorOf, type ClientRequest, type GrantContext } from "./grants/context.ts";
import { findLiveToken } from "./live_token.ts";
import { required } from "./parameters.ts";
import { findRefresh } from "./refresh_store.ts";
import { insertRevokedToken } from "./revoked_store.ts";

/**
 * Revokes a token of the client (RFC 7009): a refresh token with its whole family and every access token of
 * it, an access token alone. What is not the client's, or no token, changes nothing and is no error.
 */
export async function revokeToken(context: GrantContext, request: ClientRequest): Promise<void> {
  const token = required(request.parameters, "token");
  const refresh = await findRefresh(context.sql, hashOpaque(token));
  if (refresh) {
    if (refresh.clientId !== request.client.id || refresh.ended) return;
    const actor = actorOf(request, refresh);
    await endSessions(context, actor, { id: refresh.sessionId }, "revoked_by_client");
    return;
  }
  await revokeAccessToken(context, request, token);
}

async function revokeAccessToken(
  context: GrantContext,
  request: ClientRequest,
  token: string,
): Promise<void> {
  const claims = await findLiveToken(context, token, request.issuer);
  if (!claims || claims.client_id !== request.client.id) return;
  const { sid, jti, sub, exp, tier } = claims;
  await context.sql.begin(async (sql) => {
    if (!await insertRevokedToken(sql, jti, sid, new Date((exp + 300) * 1000))) return;
    const actor = actorOf(request, { userId: sub, role: tier });
    const detail = { user_id: sub, reason: "revoked_by_client", token_id: jti };
    await context.record(sql, [identityEvent(actor, "token_revoked", detail, sid)]);
  });
}
