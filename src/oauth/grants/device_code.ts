import type { Sql } from "../../db/mod.ts";
import { hashOpaque } from "../../kernel/opaque.ts";
import { pollDevice, takeDevice } from "../device_store.ts";
import { findTokenHolder } from "../holder_store.ts";
import { OAuthError } from "../oauth_error.ts";
import { required } from "../parameters.ts";
import { heldScopes, isWorthGranting } from "../servers.ts";
import type { SigningKey } from "../signing_keys.ts";
import {
  type ClientRequest,
  type GrantContext,
  refuse,
  settle,
  type TokenAnswer,
} from "./context.ts";
import { issueTokens, openGrantSession, sessionLife } from "./issue.ts";

/** Answers a device that asks whether its person has decided (RFC 8628 §3.4). */
export async function redeemDeviceCode(
  context: GrantContext,
  request: ClientRequest,
): Promise<TokenAnswer> {
  const hash = hashOpaque(required(request.parameters, "device_code"));
  const device = await pollDevice(context.sql, hash);
  if (!device || device.clientId !== request.client.id || device.issuer !== request.issuer) {
    throw new OAuthError("invalid_grant", "The device code is unknown or used");
  }
  if (device.expired) throw new OAuthError("expired_token", "The device code has expired");
  if (device.tooSoon) {
    throw new OAuthError("slow_down", `Ask every ${device.intervalS} seconds at most`);
  }
  if (device.state === "waiting") {
    throw new OAuthError("authorization_pending", "Nobody has decided yet");
  }
  const key = await context.keys.current();
  return await settle(context, (sql) => redeem(context, sql, request, hash, key));
}

async function redeem(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  hash: Uint8Array,
  key: SigningKey,
): Promise<TokenAnswer | OAuthError> {
  const device = await takeDevice(sql, hash);
  if (!device?.userId) return new OAuthError("invalid_grant", "The device code is unknown or used");
  const { userId, server, resource, authTime } = device;
  if (device.state === "denied") {
    const error = new OAuthError("access_denied", "The person did not allow it");
    return await refuse(context, sql, request, { userId }, "consent_refused", error);
  }
  const holder = await findTokenHolder(sql, userId);
  const scopes = holder ? heldScopes(context.servers(), server, device.scopes, holder) : [];
  if (!holder || !isWorthGranting(server, scopes)) {
    const error = new OAuthError("access_denied", "The person may not hold these scopes");
    return await refuse(context, sql, request, { userId }, "scope_withdrawn", error);
  }
  const life = sessionLife(request, context);
  const session = await openGrantSession(context, sql, request, holder, life);
  return await issueTokens(context, sql, request, key, {
    ...{ holder, session, resource, scopes },
    grant: "device_code",
    ...authTime && { authTime },
    ...request.client.grantTypes.includes("refresh_token") && { refreshScopes: scopes },
  });
}
