import {
  type AuthInfo,
  type JSONRPCMessage,
  type MessageExtraInfo,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { messageOf, SURFACES, toAppError } from "../../kernel/errors.ts";
import type { Core } from "./core.ts";
import { describe } from "./describe.ts";
import { dispatch } from "./dispatch.ts";
import { type ClientProfile, LEGACY_VERSIONS } from "./era.ts";
import { createEventStore } from "./event_store.ts";
import type { Exchange, McpCaller } from "./exchange.ts";
import { visibleServers } from "./lists.ts";
import {
  CODES,
  errorReply,
  isNotification,
  isRequest,
  objectAt,
  parseMessage,
  type Reply,
  type RequestId,
  type RpcNotification,
  type RpcRequest,
  type RpcResponse,
  stringAt,
} from "./message.ts";
import { cleanResult } from "./result_scan.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Ask } from "./upstream.ts";

/** What a session needs to know of a request beside the request itself. */
export interface Arrival {
  readonly caller: McpCaller;
  readonly token: string | undefined;
  readonly address: string;
}

/** Milliseconds that a client has to answer what it is asked. */
const ASK_MS = 10 * 60_000;

/** One session of a client of the revisions before 2026-07-28. */
export class LegacySession {
  readonly id: string;
  readonly key: string;
  lastUsed = performance.now();
  readonly #core: Core;
  readonly #endpoint: string;
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  readonly #running = new Map<RequestId, AbortController>();
  readonly #asked = new Map<RequestId, (reply: Reply) => void>();
  readonly #subscriptions: Subscriptions;
  #client: ClientProfile = { era: "legacy", version: "", info: {}, capabilities: {} };
  #lastAsked = 0;
  #isClosed = false;

  constructor(
    core: Core,
    options: {
      readonly id: string;
      readonly key: string;
      readonly endpoint: string;
      readonly onClose: () => void;
    },
  ) {
    this.#core = core;
    this.id = options.id;
    this.key = options.key;
    this.#endpoint = options.endpoint;
    this.#subscriptions = new Subscriptions(core, (note) => this.#send(note));
    this.#transport = new WebStandardStreamableHTTPServerTransport(
      {
        sessionIdGenerator: () => options.id,
        eventStore: createEventStore(),
        supportedProtocolVersions: [...LEGACY_VERSIONS],
      } as ConstructorParameters<typeof WebStandardStreamableHTTPServerTransport>[0],
    );
    this.#transport.setSupportedProtocolVersions([...LEGACY_VERSIONS]);
    this.#transport.onmessage = (message, extra) => void this.#take(message, extra);
    this.#transport.onclose = () => {
      options.onClose();
      void this.#end();
    };
  }

  /** Whether something is under way: then it is not idle. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  handle(request: Request, parsedBody: unknown, arrival: Arrival): Promise<Response> {
    this.lastUsed = performance.now();
    const { caller } = arrival;
    const authInfo: AuthInfo = {
      token: "",
      clientId: caller.clientId,
      scopes: [...caller.scopes],
      extra: { arrival },
    };
    return this.#transport.handleRequest(request, {
      authInfo,
      ...parsedBody !== undefined && { parsedBody },
    });
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #end(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const running of this.#running.values()) running.abort();
    for (const answer of this.#asked.values()) answer(GONE);
    this.#subscriptions.close();
    await this.#core.pool.closeSession(this.key);
  }

  async #take(raw: JSONRPCMessage, extra: MessageExtraInfo | undefined): Promise<void> {
    const message = parseMessage(raw);
    const arrival = extra?.authInfo?.extra?.["arrival"] as Arrival | undefined;
    if (!message || !arrival) return;
    if (isNotification(message)) return await this.#hear(message);
    if (!isRequest(message)) return this.#answered(message as RpcResponse);
    const headers = (extra?.request as Request | undefined)?.headers ?? new Headers();
    const controller = new AbortController();
    this.#running.set(message.id, controller);
    const reply = await this.#reply(this.#exchange(message, arrival, headers, controller.signal));
    this.#running.delete(message.id);
    // An upstream that was opened again, or is new, is heard as the ones before it.
    for (const upstream of this.#core.pool.openOf(this.key)) {
      this.#subscriptions.hear(upstream, this.#client);
    }
    this.lastUsed = performance.now();
    // Who cancelled waits for no answer.
    if (!controller.signal.aborted) this.#send({ jsonrpc: "2.0", id: message.id, ...reply });
  }

  async #reply(exchange: Exchange): Promise<Reply> {
    try {
      switch (exchange.request.method) {
        case "initialize":
          return await this.#initialize(exchange);
        case "resources/subscribe":
          return await this.#subscriptions.add(exchange, uriOf(exchange));
        case "resources/unsubscribe":
          return await this.#subscriptions.remove(exchange, uriOf(exchange));
        default:
          return await dispatch(this.#core, exchange);
      }
    } catch (error) {
      return failureReply(this.#core, error);
    }
  }

  async #initialize(exchange: Exchange): Promise<Reply> {
    const { capabilities, serverInfo, instructions } = await describe(this.#core, exchange);
    await this.#subscriptions.watchLists(exchange, visibleServers(this.#core, exchange));
    const result = {
      protocolVersion: this.#client.version,
      capabilities,
      serverInfo,
      ...instructions !== undefined && { instructions },
    };
    return { result: cleanResult(this.#core.scanner(), result, "$.result").value as typeof result };
  }

  #exchange(
    request: RpcRequest,
    { caller, token, address }: Arrival,
    headers: Headers,
    signal: AbortSignal,
  ): Exchange {
    if (request.method === "initialize") this.#client = clientOf(request);
    return {
      caller,
      token,
      address,
      client: this.#client,
      endpoint: this.#endpoint,
      sessionKey: this.key,
      request,
      headers,
      signal,
      notify: (notification) => this.#send(notification, request.id),
      ask: this.#askFor(request.id),
    };
  }

  /** Asks the client something on the stream of its own request. */
  #askFor(related: RequestId): Ask {
    return async (method, params, signal) => {
      const id = `spgov-${++this.#lastAsked}`;
      const { promise, resolve } = Promise.withResolvers<Reply>();
      const timer = setTimeout(() => resolve(GONE), ASK_MS);
      this.#asked.set(id, resolve);
      signal.addEventListener("abort", () => {
        resolve(GONE);
        this.#send(
          { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } },
          related,
        );
      }, { once: true });
      this.#send({ jsonrpc: "2.0", id, method, params }, related);
      return await promise.finally(() => {
        clearTimeout(timer);
        this.#asked.delete(id);
      });
    };
  }

  #answered(response: RpcResponse): void {
    this.#asked.get(response.id)?.(
      "result" in response ? { result: response.result } : { error: response.error },
    );
  }

  async #hear({ method, params }: RpcNotification): Promise<void> {
    if (method === "notifications/cancelled") {
      return this.#running.get(params?.["requestId"] as RequestId)?.abort();
    }
    if (method !== "notifications/roots/list_changed") return;
    for (const upstream of await this.#core.pool.ofSession(this.key)) {
      if (upstream.era === "legacy") upstream.notify(method);
    }
  }

  #send(message: RpcNotification | RpcRequest | RpcResponse, related?: RequestId): void {
    if (this.#isClosed) return;
    const isOwnText = "result" in message || "error" in message;
    // Answers were searched where they were made.
    const sent = isOwnText ? message : cleanResult(this.#core.scanner(), message, "$").value;
    const options = related === undefined ? {} : { relatedRequestId: related };
    void this.#transport.send(sent as JSONRPCMessage, options).catch(() => undefined);
  }
}

const GONE: Reply = errorReply(CODES.unavailable, "The client is not there any more");

function clientOf({ params }: RpcRequest): ClientProfile {
  const asked = stringAt(params, "protocolVersion");
  return {
    era: "legacy",
    version: LEGACY_VERSIONS.find((known) => known === asked) ?? LEGACY_VERSIONS[0],
    info: objectAt(params, "clientInfo"),
    capabilities: objectAt(params, "capabilities"),
  };
}

function uriOf({ request }: Exchange): string {
  return stringAt(request.params, "uri") ?? "";
}

/** The answer where something failed that no caller has to know more about. */
export function failureReply(core: Core, error: unknown): Reply {
  if (error instanceof DOMException || typeof error === "string") {
    return errorReply(CODES.unavailable, "The request was given up, or took too long");
  }
  const { code, message } = toAppError(error);
  if (code === "internal") core.log.error("A request failed", { cause: messageOf(error) });
  return errorReply(SURFACES[code].rpc, message);
}
