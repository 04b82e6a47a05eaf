import type { AuthorizationRequest } from "./authorize.ts";
import type { StoredDevice } from "./device_store.ts";
import type { Interaction } from "./interaction.ts";
import type { StoredInteraction } from "./interaction_store.ts";
import { describeRedirect } from "./redirect_uri.ts";

const INTERACTION_MS = 600_000;

/** An authorization that begins with a request, at `now` in milliseconds. */
export function interactionOfRequest(
  request: AuthorizationRequest,
  now: number,
): StoredInteraction {
  const { client, issuer, redirectUri, state, nonce, codeChallenge, resource, server } = request;
  const { scopes, maxAge, askConsent, silent } = request;
  return {
    kind: "code",
    ...clientFields(client.id, client.name, client.kind, client.uri),
    ...{ issuer, redirectUri, codeChallenge, resource, server, scopes, askConsent, silent },
    state: state ?? null,
    nonce: nonce ?? null,
    deviceHash: null,
    userCode: null,
    signInAfter: maxAge === undefined ? null : new Date(now - maxAge * 1000),
    expiresAt: new Date(now + INTERACTION_MS),
  };
}

/** The same for a device whose code a person entered. */
export function interactionOfDevice(device: StoredDevice, now: number): StoredInteraction {
  const { issuer, deviceHash, userCode, resource, server, scopes } = device;
  return {
    kind: "device",
    ...clientFields(device.clientId, device.clientName, device.clientKind, device.clientUri),
    ...{ issuer, deviceHash, userCode, resource, server, scopes },
    ...{ redirectUri: null, state: null, nonce: null, codeChallenge: null, signInAfter: null },
    askConsent: true,
    silent: false,
    expiresAt: new Date(now + INTERACTION_MS),
  };
}

function clientFields(
  clientId: string,
  clientName: string,
  clientKind: StoredInteraction["clientKind"],
  clientUri: string | null,
) {
  return { clientId, clientName, clientKind, clientUri };
}

/** What the pages show of it. */
export function shownInteraction(stored: StoredInteraction): Interaction {
  const { kind, resource, server, scopes, expiresAt } = stored;
  return {
    ...{ kind, resource, server, scopes, expiresAt },
    client: {
      id: stored.clientId,
      name: stored.clientName,
      kind: stored.clientKind,
      uri: stored.clientUri ?? undefined,
    },
    returnsTo: stored.redirectUri === null ? "this page" : describeRedirect(stored.redirectUri),
    userCode: stored.userCode ?? undefined,
    remembers: canRemember(stored),
    asksSignIn: stored.signInAfter !== null,
  };
}

/**
 * Whether an earlier consent counts: where the address that is answered proves who the client is. Anything
 * on a computer can listen on a loopback port or claim an app's scheme (RFC 8252 §8.6).
 */
export function canRemember({ redirectUri }: StoredInteraction): boolean {
  return redirectUri?.startsWith("https:") ?? false;
}
