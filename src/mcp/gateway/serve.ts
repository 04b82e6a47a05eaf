import {
  classifyInboundRequest,
  type InboundClassificationOutcome,
  type InboundModernRoute,
  type JSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import type { Core } from "./core.ts";
import { MODERN_VERSION, profileOfEnvelope } from "./era.ts";
import type { McpCaller } from "./exchange.ts";
import {
  CODES,
  errorReply,
  isObject,
  isRequest,
  NO_MEMBERS,
  objectAt,
  parseMessage,
  type RequestId,
  stringAt,
} from "./message.ts";
import { serveModern } from "./modern.ts";
import { ALL, missingScopes, splitName, targetOf } from "./route.ts";
import { gatewayOf } from "./session_id.ts";
import type { Sessions } from "./sessions.ts";

/** One HTTP request at an MCP endpoint, of a caller that is known. */
export interface McpRequest {
  /** Method and header fields; of a POST the body was read. */
  readonly request: Request;
  /** The parsed body of a POST. */
  readonly body: unknown;
  readonly caller: McpCaller;
  /** The access token that the caller is known by; undefined where nobody in particular calls. */
  readonly token: string | undefined;
  readonly address: string;
  /** The name of the server that was addressed, or `all`. */
  readonly endpoint: string;
  /** Calls back when the client is gone before its answer. */
  readonly onGone: (callback: () => void) => void;
}

/** What a request comes to: an answer, a gateway that it belongs to, or scopes that its token lacks. */
export type Served =
  | { readonly kind: "answer"; readonly response: Response }
  | { readonly kind: "elsewhere"; readonly gateway: number }
  | {
    readonly kind: "insufficient_scope";
    readonly scopes: readonly string[];
    /** What was called, as rows name it. */
    readonly target: string;
  };

/** Serves a request of either era. */
export async function serve(
  core: Core,
  sessions: Sessions,
  gateway: number,
  input: McpRequest,
): Promise<Served> {
  const { request, body } = input;
  if (Array.isArray(body)) return answer(refusal(400, CODES.invalidRequest, "No JSON-RPC batches"));
  const elsewhere = gatewayElsewhere(input, gateway);
  if (elsewhere !== undefined) return { kind: "elsewhere", gateway: elsewhere };
  const route = plainModernRoute(request, body) ?? classify(request, body);
  if (route.kind === "reject") {
    return answer(refusal(route.httpStatus, route.code, route.message, route.data, idOf(body)));
  }
  const lacking = lackingScopes(core, input);
  if (lacking) return { kind: "insufficient_scope", ...lacking };
  if (route.kind === "modern") return answer(await serveModern(core, input, route));
  return answer(await serveLegacy(sessions, input));
}

/** Which era a request is of, and what is wrong with one that is of none. */
function classify(request: Request, body: unknown): InboundClassificationOutcome {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const [version, method, name] = ["mcp-protocol-version", "mcp-method", "mcp-name"].map(header);
  return classifyInboundRequest({
    httpMethod: request.method,
    ...version !== undefined && { protocolVersionHeader: version },
    ...method !== undefined && { mcpMethodHeader: method },
    ...name !== undefined && { mcpNameHeader: name },
    ...body !== undefined && { body },
  });
}

/**
 * The usual request of revision 2026-07-28, in which everything is as it should be: told in a hundredth of the
 * time that the general way takes.
 */
function plainModernRoute(request: Request, body: unknown): InboundModernRoute | undefined {
  if (request.method !== "POST") return undefined;
  const message = parseMessage(body);
  if (!message || !isRequest(message)) return undefined;
  const { info, capabilities } = profileOfEnvelope(message.params);
  const version = objectAt(message.params, "_meta")[PROTOCOL_VERSION_META_KEY];
  const isPlain = version === MODERN_VERSION && capabilities !== NO_MEMBERS &&
    typeof info["name"] === "string" && typeof info["version"] === "string" &&
    Object.keys(info).length === 2 &&
    request.headers.get("mcp-protocol-version") === version &&
    request.headers.get("mcp-method") === message.method;
  if (!isPlain) return undefined;
  return {
    kind: "modern",
    messageKind: "request",
    message: message as JSONRPCRequest,
    classification: { era: "modern", revision: version },
  };
}

async function serveLegacy(
  sessions: Sessions,
  { request, body, caller, token, address, endpoint }: McpRequest,
): Promise<Response> {
  const arrival = { caller, token, address };
  const id = request.headers.get("mcp-session-id");
  const isInitialize = isObject(body) && body["method"] === "initialize";
  if (isInitialize && id === null) {
    const session = sessions.open(endpoint, caller);
    if (!session) return refusal(503, CODES.unavailable, "Too many sessions are open");
    const response = await session.handle(request, body, arrival);
    if (response.status >= 400) await session.close();
    return response;
  }
  if (id === null) {
    return refusal(400, -32000, "Mcp-Session-Id header is required", undefined, idOf(body));
  }
  const session = sessions.find(id, endpoint, caller);
  if (!session) return refusal(404, -32001, "Session not found", undefined, idOf(body));
  return await session.handle(request, body, arrival);
}

/** The gateway that holds what a request goes on with, where it is another one. */
function gatewayElsewhere({ request, body }: McpRequest, gateway: number): number | undefined {
  const id = request.headers.get("mcp-session-id") ??
    stringAt(objectAt(body, "params"), "requestState");
  const named = typeof id === "string" ? gatewayOf(id) : undefined;
  return named === gateway ? undefined : named;
}

/**
 * All scopes that a request takes, for the server and for the tool it calls, where its token lacks any:
 * what it has of them is not to be lost by asking for the rest.
 */
function lackingScopes(
  core: Core,
  { endpoint, caller, body }: McpRequest,
): { readonly scopes: readonly string[]; readonly target: string } | undefined {
  const called = isObject(body) && body["method"] === "tools/call"
    ? stringAt(objectAt(body, "params"), "name")
    : undefined;
  const split = called === undefined ? undefined : splitName({ endpoint }, called);
  const name = split?.server ?? (endpoint === ALL ? undefined : endpoint);
  const server = name === undefined ? undefined : core.servers().get(name);
  if (!server || missingScopes(caller, server, split?.name).length === 0) return undefined;
  const target = split
    ? targetOf({ server, kind: "tool", name: split.name })
    : `mcp:${server.name}`;
  return { scopes: missingScopes({ scopes: [] }, server, split?.name), target };
}

function answer(response: Response): Served {
  return { kind: "answer", response };
}

/** An answer in JSON-RPC's form that no request of ours stands behind. */
export function refusal(
  status: number,
  code: number,
  message: string,
  data?: unknown,
  id: RequestId | null = null,
): Response {
  return Response.json({ jsonrpc: "2.0", id, ...errorReply(code, message, data) }, { status });
}

function idOf(body: unknown): RequestId | null {
  const id = isObject(body) && typeof body["method"] === "string" ? body["id"] : undefined;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
