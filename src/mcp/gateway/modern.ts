import type { InboundModernRoute } from "@modelcontextprotocol/server";
import type { Core } from "./core.ts";
import { dispatch, isKnownMethod } from "./dispatch.ts";
import { logLevelOf, MODERN_VERSION, profileOfEnvelope } from "./era.ts";
import type { Exchange } from "./exchange.ts";
import { listen } from "./listen.ts";
import { headerMismatch, paramMismatch } from "./headers.ts";
import { CODES, errorReply, type RpcNotification, type RpcRequest } from "./message.ts";
import { ModernAnswer } from "./modern_answer.ts";
import { cleanResult } from "./result_scan.ts";
import { splitName } from "./route.ts";
import type { McpRequest } from "./serve.ts";
import { digestOf } from "./session_id.ts";
import { failureReply } from "./session.ts";

const LISTEN = "subscriptions/listen";

/** Serves one request or notification of revision 2026-07-28. It has no session: all it needs comes with it. */
export async function serveModern(
  core: Core,
  { request, caller, token, address, endpoint, onGone }: McpRequest,
  route: InboundModernRoute,
): Promise<Response> {
  if (route.messageKind === "notification") return new Response(null, { status: 202 });
  const message = route.message as RpcRequest;
  const version = route.classification.revision;
  if (version !== MODERN_VERSION) {
    return refuse(message, 400, CODES.unsupportedVersion, "Unsupported protocol version", {
      supported: [MODERN_VERSION],
      requested: version,
    });
  }
  const mismatch = headerMismatch(message, request.headers);
  if (mismatch) return refuseMismatch(message, mismatch);
  const gone = new AbortController();
  const answer = new ModernAnswer(message, route.classification, () => gone.abort());
  const client = profileOfEnvelope(message.params);
  const logsAsked = logLevelOf(message.params) !== undefined;
  const exchange: Exchange = {
    caller,
    token,
    client,
    endpoint,
    // There are no sessions: whoever is the same to us shares upstreams with themselves.
    sessionKey: digestOf([caller.userId, caller.sessionId, caller.clientId]),
    request: message,
    headers: request.headers,
    address,
    signal: gone.signal,
    notify: (notification) => {
      // Log messages are for those who ask for them.
      if (notification.method === "notifications/message" && !logsAsked) return;
      const { value } = cleanResult(core.scanner(), notification, "$");
      answer.notify(value as RpcNotification);
    },
  };
  const contradiction = await contradictedParameter(core, exchange);
  if (contradiction) return refuseMismatch(message, contradiction);
  onGone(() => answer.close());
  if (message.method !== LISTEN && !isKnownMethod(message.method, "modern")) {
    answer.refuse(errorReply(CODES.methodNotFound, "Method not found"));
    return await answer.response;
  }
  const work = message.method === LISTEN
    ? listen(core, exchange, answer)
    : dispatch(core, exchange);
  void work.catch((error) => failureReply(core, error)).then((reply) => answer.reply(reply));
  return await answer.response;
}

/** Parameters that stand in the header too are compared where the tool is known already. */
async function contradictedParameter(
  core: Core,
  exchange: Exchange,
): Promise<ReturnType<typeof paramMismatch>> {
  const { method, params } = exchange.request;
  const name = params?.["name"];
  if (method !== "tools/call" || typeof name !== "string") return undefined;
  const split = splitName(exchange, name);
  const server = split && core.servers().get(split.server);
  if (!split || !server || !core.pool.isOpen(server, exchange)) return undefined;
  try {
    const { upstream } = await core.pool.get(server, exchange);
    const { definitions } = await core.sight.tools(server, upstream, exchange.client);
    return paramMismatch(definitions.get(split.name), params?.["arguments"], exchange.headers);
  } catch {
    return undefined;
  }
}

function refuseMismatch(
  message: RpcRequest,
  mismatch: { readonly header: string; readonly body: string },
): Response {
  const text = `Bad Request: the request headers and body disagree: ${mismatch.body}`;
  return refuse(message, 400, CODES.headerMismatch, text, { mismatch });
}

function refuse(
  { id }: RpcRequest,
  status: number,
  code: number,
  message: string,
  data: unknown,
): Response {
  return Response.json({ jsonrpc: "2.0", id, ...errorReply(code, message, data) }, { status });
}
