import {
  type InboundModernRoute,
  type JSONRPCMessage,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
  SUBSCRIPTION_ID_META_KEY,
} from "@modelcontextprotocol/server";
import type { Core } from "./core.ts";
import { describe } from "./describe.ts";
import { dispatch, isKnownMethod } from "./dispatch.ts";
import { logLevelOf, MODERN_VERSION, profileOfEnvelope } from "./era.ts";
import type { Exchange } from "./exchange.ts";
import { headerMismatch, paramMismatch } from "./headers.ts";
import { visibleServers } from "./lists.ts";
import {
  CODES,
  errorReply,
  objectAt,
  type Params,
  type Reply,
  type RpcNotification,
  type RpcRequest,
} from "./message.ts";
import { cleanResult } from "./result_scan.ts";
import { splitName } from "./route.ts";
import type { McpRequest } from "./serve.ts";
import { digestOf } from "./session_id.ts";
import { failureReply } from "./session.ts";
import { Subscriptions } from "./subscriptions.ts";

const LISTEN = "subscriptions/listen";

/** Serves one request or notification of revision 2026-07-28. It has no session: all it needs comes with it. */
export async function serveModern(
  core: Core,
  { request, caller, address, endpoint, onGone }: McpRequest,
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
  const transport = new PerRequestHTTPServerTransport({ classification: route.classification });
  let isAnswered = false;
  const client = profileOfEnvelope(message.params);
  const logsAsked = logLevelOf(message.params) !== undefined;
  const exchange: Exchange = {
    caller,
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
      void transport.send(value as JSONRPCMessage, { relatedRequestId: message.id });
    },
  };
  const contradiction = await contradictedParameter(core, exchange);
  if (contradiction) return refuseMismatch(message, contradiction);
  const answer = (reply: Reply): void => {
    isAnswered = true;
    void transport.send({ jsonrpc: "2.0", id: message.id, ...reply } as JSONRPCMessage);
  };
  transport.onclose = () => {
    if (!isAnswered) gone.abort();
  };
  transport.onmessage = () => {
    // Refused while the message is delivered, it gets the status that the transport has for it.
    if (message.method !== LISTEN && !isKnownMethod(message.method, "modern")) {
      return answer(errorReply(CODES.methodNotFound, "Method not found"));
    }
    const work = message.method === LISTEN
      ? listen(core, exchange, transport)
      : dispatch(core, exchange);
    work.catch((error) => failureReply(core, error)).then(answer);
  };
  onGone(() => void transport.close());
  await transport.start();
  try {
    return await transport.handleMessage(message as JSONRPCRequest);
  } catch {
    // The client went away before there was an answer.
    return new Response(null, { status: 499 });
  }
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

/** One stream of what changes, as long as the client listens. Resolves when it does not any more. */
async function listen(
  core: Core,
  exchange: Exchange,
  transport: PerRequestHTTPServerTransport,
): Promise<Reply> {
  const { id, params } = exchange.request;
  const wanted = objectAt(params, "notifications");
  const tell = ({ method, params: told }: RpcNotification): void => {
    if (!isWanted(wanted, method)) return;
    exchange.notify({
      jsonrpc: "2.0",
      method,
      params: { ...told, _meta: { ...objectAt(told, "_meta"), [SUBSCRIPTION_ID_META_KEY]: id } },
    });
  };
  const subscriptions = new Subscriptions(core, tell);
  try {
    const { capabilities } = await describe(core, exchange);
    const honored = await take(core, exchange, subscriptions, wanted, capabilities);
    await transport.send({
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: honored, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
    }, { relatedRequestId: id });
    if (Object.keys(honored).length > 0) await aborted(exchange.signal);
    return { result: { resultType: "complete", _meta: { [SUBSCRIPTION_ID_META_KEY]: id } } };
  } finally {
    subscriptions.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const LIST_FILTERS = [
  ["toolsListChanged", "notifications/tools/list_changed", "tools"],
  ["promptsListChanged", "notifications/prompts/list_changed", "prompts"],
  ["resourcesListChanged", "notifications/resources/list_changed", "resources"],
] as const;

/** Subscribes to what is asked for and can be had; answers that. */
async function take(
  core: Core,
  exchange: Exchange,
  subscriptions: Subscriptions,
  wanted: Params,
  capabilities: Params,
): Promise<Params> {
  const honored: Record<string, unknown> = {};
  for (const [filter, , capability] of LIST_FILTERS) {
    const offered = objectAt(capabilities, capability)["listChanged"] === true;
    if (wanted[filter] === true && offered) honored[filter] = true;
  }
  if (Object.keys(honored).length > 0) {
    await subscriptions.watchLists(exchange, visibleServers(core, exchange));
  }
  const uris: unknown = wanted["resourceSubscriptions"];
  const watched: string[] = [];
  for (const uri of Array.isArray(uris) ? uris.slice(0, 1000) : []) {
    if (typeof uri !== "string") continue;
    const reply = await subscriptions.add(exchange, uri);
    if ("result" in reply) watched.push(uri);
  }
  return watched.length > 0 ? { ...honored, resourceSubscriptions: watched } : honored;
}

function isWanted(wanted: Params, method: string): boolean {
  if (method === "notifications/resources/updated") return true;
  return LIST_FILTERS.some(([filter, name]) => name === method && wanted[filter] === true);
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
