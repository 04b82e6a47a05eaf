import type { GrantAnswer, RegistrationRequest } from "../egress/mod.ts";
import type { IdentityContext } from "../identity/mod.ts";
import type { Log } from "../kernel/log.ts";
import type { OAuthConfig } from "./config/mod.ts";
import { OAuthError } from "./oauth_error.ts";
import {
  deleteRegistration,
  readRegistration,
  registerClient,
  type RegistrationAnswer,
  updateRegistration,
} from "./registration.ts";

const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

/** Answers requests about registrations. Never rejects for what a client may send. */
export function createRegistrationEndpoint(
  context: IdentityContext,
  config: () => OAuthConfig,
  log: Log,
): (request: RegistrationRequest) => Promise<GrantAnswer> {
  return async (request) => {
    try {
      if (!config().dynamic_registration) {
        throw new OAuthError("access_denied", "Clients do not register themselves here");
      }
      const body = await handle(context, request);
      const status = request.action === "create" ? 201 : body ? 200 : 204;
      return { status, body: body ?? undefined, headers: NO_STORE };
    } catch (error) {
      const refusal = error instanceof OAuthError
        ? error
        : new OAuthError("temporarily_unavailable", "Try again in a moment");
      if (refusal !== error) log.error("A registration failed", { cause: String(error) });
      const body = { error: refusal.code, error_description: refusal.message };
      return { status: refusal.status, body, headers: NO_STORE };
    }
  };
}

async function handle(
  context: IdentityContext,
  { action, issuer, clientId = "", token, metadata }: RegistrationRequest,
): Promise<RegistrationAnswer | void> {
  switch (action) {
    case "create":
      return await registerClient(context, metadata, issuer);
    case "read":
      return await readRegistration(context, clientId, token, issuer);
    case "update":
      return await updateRegistration(context, clientId, token, metadata, issuer);
    case "delete":
      return await deleteRegistration(context, clientId, token);
  }
}
