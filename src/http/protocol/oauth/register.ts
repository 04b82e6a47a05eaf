import { readJsonBody } from "../../json_body.ts";
import type { RegistrationRequest } from "../../../egress/mod.ts";
import { bearerOf } from "../hooks.ts";
import { misdirected, refuse, refuseAddress, respond, tooMany, unavailable } from "./answers.ts";
import type { OAuthDependencies } from "./dependencies.ts";

const MAX_BYTES = 64 * 1024;

/** Hands a registration to egress, which keeps clients, and its answer back. */
export async function answerRegistration(
  deps: OAuthDependencies,
  action: RegistrationRequest["action"],
  request: Request,
  address: string,
  clientId?: string,
): Promise<Response> {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  const rate = action === "create" ? deps.rates.registrations : deps.rates.grants;
  if (!rate.take(address)) return tooMany();
  const refusal = await refuseAddress(deps.isBanned, address);
  if (refusal) return refusal;
  let metadata: unknown;
  if (action === "create" || action === "update") {
    const body = await readJsonBody(request, MAX_BYTES);
    if (!body.ok) return refuse(400, "invalid_client_metadata", body.problem.reason);
    metadata = body.value;
  }
  try {
    const token = bearerOf(request);
    return respond(await deps.register({ action, issuer, clientId, token, metadata }));
  } catch {
    return unavailable();
  }
}
