import type { GrantAnswer, GrantEndpoint, GrantRequest } from "../egress/mod.ts";
import type { Log } from "../kernel/log.ts";
import { authenticateClient, UnprovedClient } from "./client_auth.ts";
import { type GrantType, isGrantType } from "./client.ts";
import { authorizeDevice } from "./device_authorization.ts";
import { redeemCode } from "./grants/authorization_code.ts";
import { grantToClient } from "./grants/client_credentials.ts";
import {
  type ClientRequest,
  type GrantContext,
  refuse,
  type TokenAnswer,
} from "./grants/context.ts";
import { redeemDeviceCode } from "./grants/device_code.ts";
import { refreshTokens } from "./grants/refresh_token.ts";
import { exchangeToken } from "./grants/token_exchange.ts";
import { introspectToken } from "./introspection.ts";
import { OAuthError } from "./oauth_error.ts";
import { checkParameters, required } from "./parameters.ts";
import { revokeToken } from "./revocation.ts";

type Handle = (
  context: GrantContext,
  request: ClientRequest,
) => Promise<TokenAnswer | void>;

/** What each endpoint does for a client that proved who it is. */
const ENDPOINTS: Readonly<Record<GrantEndpoint, Handle>> = {
  token: grant,
  revocation: revokeToken,
  introspection: introspectToken,
  device_authorization: authorizeDevice,
};

const GRANTS: Readonly<Record<GrantType, Handle>> = {
  authorization_code: redeemCode,
  refresh_token: refreshTokens,
  client_credentials: grantToClient,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDeviceCode,
  "urn:ietf:params:oauth:grant-type:token-exchange": exchangeToken,
};

/** Answers requests of clients. Never rejects for what a client may send. */
export function createGrantEndpoints(
  context: GrantContext,
  log: Log,
): (request: GrantRequest) => Promise<GrantAnswer> {
  return async (request) => {
    try {
      return answer(200, await handle(context, request));
    } catch (error) {
      if (error instanceof OAuthError) return failed(error, request);
      log.error("A grant failed", { endpoint: request.endpoint, cause: String(error) });
      return failed(new OAuthError("temporarily_unavailable", "Try again in a moment"), request);
    }
  };
}

async function handle(
  context: GrantContext,
  request: GrantRequest,
): Promise<TokenAnswer | void> {
  const { endpoint, issuer, authorization, parameters, traceId } = request;
  checkParameters(parameters);
  try {
    const client = await authenticateClient(context, { authorization, parameters, issuer });
    return await ENDPOINTS[endpoint](context, { client, parameters, issuer, traceId });
  } catch (error) {
    if (error instanceof UnprovedClient) await recordUnproved(context, error, request);
    throw error;
  }
}

/** Somebody who could not prove to be a service account's client tried its account. */
async function recordUnproved(
  context: GrantContext,
  error: UnprovedClient,
  { parameters, issuer, traceId }: GrantRequest,
): Promise<void> {
  const { client } = error;
  const { userId } = client;
  if (userId === null) return;
  const request = { client, parameters, issuer, traceId };
  await context.sql.begin((sql) =>
    refuse(context, sql, request, { userId }, "client_not_proved", error)
  );
}

async function grant(context: GrantContext, request: ClientRequest): Promise<TokenAnswer | void> {
  const type = required(request.parameters, "grant_type");
  if (!isGrantType(type)) {
    throw new OAuthError("unsupported_grant_type", "This grant type is not supported");
  }
  if (!request.client.grantTypes.includes(type)) {
    throw new OAuthError("unauthorized_client", "The client may not use this grant type");
  }
  return await GRANTS[type](context, request);
}

/** Tokens, and what is said of them, are nobody's to keep. */
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

function answer(status: number, body: TokenAnswer | void): GrantAnswer {
  return { status, body: body ?? undefined, headers: NO_STORE };
}

function failed(error: OAuthError, { authorization }: GrantRequest): GrantAnswer {
  const body = { error: error.code, error_description: error.message };
  // RFC 6749 §5.2: the scheme that was tried, where one was.
  const challenge = error.code === "invalid_client" && authorization !== undefined
    ? { "www-authenticate": 'Basic realm="spgov", charset="UTF-8"' }
    : {};
  const later = error.code === "temporarily_unavailable" ? { "retry-after": "2" } : {};
  return { status: error.status, body, headers: { ...NO_STORE, ...challenge, ...later } };
}
