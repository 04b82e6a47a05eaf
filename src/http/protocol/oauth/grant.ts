import type { GrantEndpoint } from "../../../egress/mod.ts";
import { newTraceId, traceIdOf } from "../../../kernel/ids.ts";
import { misdirected, refuse, refuseAddress, respond, tooMany, unavailable } from "./answers.ts";
import type { OAuthDependencies } from "./dependencies.ts";
import { readForm } from "./form_body.ts";

/** Hands a client's form to egress, which verifies it, and its answer back. */
export async function answerGrant(
  deps: OAuthDependencies,
  endpoint: GrantEndpoint,
  request: Request,
  address: string,
): Promise<Response> {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  if (!deps.rates.grants.take(address)) return tooMany();
  const refusal = await refuseAddress(deps.isBanned, address);
  if (refusal) return refusal;
  const parameters = await readForm(request);
  if (!parameters) return refuse(400, "invalid_request", "Expected a form in the body");
  try {
    return respond(
      await deps.grant({
        ...{ endpoint, issuer, parameters, address },
        authorization: request.headers.get("authorization") ?? undefined,
        traceId: traceIdOf(request.headers.get("traceparent")) ?? newTraceId(),
      }),
    );
  } catch {
    return unavailable();
  }
}
