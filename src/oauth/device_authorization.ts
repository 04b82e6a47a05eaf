import { randomBytes } from "../kernel/ids.ts";
import { hashOpaque, newOpaque } from "../kernel/opaque.ts";
import { clientScopes } from "./authorize.ts";
import { insertDevice } from "./device_store.ts";
import type { ClientRequest, GrantContext, TokenAnswer } from "./grants/context.ts";
import { OAuthError } from "./oauth_error.ts";
import { many, one } from "./parameters.ts";
import { parseScope } from "./scope.ts";
import { findTarget, scopesFor } from "./servers.ts";

const DEVICE_MS = 600_000;
const INTERVAL_S = 5;
/** No vowels: no words. No letters that look like others. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;

/** Begins the flow of a device whose person is elsewhere (RFC 8628 §3.1). */
export async function authorizeDevice(
  context: GrantContext,
  { client, parameters, issuer }: ClientRequest,
): Promise<TokenAnswer> {
  if (!client.grantTypes.includes("urn:ietf:params:oauth:grant-type:device_code")) {
    throw new OAuthError("unauthorized_client", "The client may not use device codes");
  }
  const asked = parseScope(one(parameters, "scope"));
  const resources = many(parameters, "resource");
  const { server, resource } = findTarget(context.servers(), issuer, resources, asked);
  const scopes = clientScopes(client, scopesFor(server, asked), asked.length > 0);
  const deviceCode = newOpaque();
  const expiresAt = new Date(context.clock.now() + DEVICE_MS);
  const device = {
    deviceHash: hashOpaque(deviceCode),
    clientId: client.id,
    clientName: client.name,
    clientKind: client.kind,
    clientUri: client.uri,
    ...{ issuer, resource, server: server.name, scopes, expiresAt },
  };
  for (;;) {
    const userCode = newUserCode();
    if (!await insertDevice(context.sql, { ...device, userCode })) continue;
    const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
    return {
      device_code: deviceCode,
      user_code: shown,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${shown}`,
      expires_in: DEVICE_MS / 1000,
      interval: INTERVAL_S,
    };
  }
}

/** 20⁸ of them: guessing one of those that wait takes longer than they last. */
function newUserCode(): string {
  let code = "";
  while (code.length < LENGTH) {
    for (const byte of randomBytes(LENGTH)) {
      // 240 is the largest multiple of 20 in a byte: beyond it some letters would come more often.
      if (byte < 240 && code.length < LENGTH) code += LETTERS[byte % LETTERS.length];
    }
  }
  return code;
}
