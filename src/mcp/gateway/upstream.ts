import type {
  CallProof,
  Confinement,
  Line,
  LineClosed,
  LineEvent,
  LineMessage,
} from "../../egress/mod.ts";
import { canonicalJson } from "../../kernel/canonical_json.ts";
import { AppError } from "../../kernel/errors.ts";
import { inTime } from "../../kernel/in_time.ts";
import { type ClientProfile, type Era, MODERN_VERSION } from "./era.ts";
import { standardHeaders } from "./headers.ts";
import { negotiate, type Negotiated } from "./negotiate.ts";
import {
  CODES,
  errorReply,
  isNotification,
  isRequest,
  objectAt,
  type Params,
  parseMessage,
  type Reply,
  type RequestId,
  type RpcNotification,
  type RpcRequest,
  type RpcResponse,
} from "./message.ts";

/** Opens the way to an upstream; `listener` gets what comes over it. */
export type OpenWire = (
  listener: (event: LineEvent) => void,
) => Promise<{ readonly line: Line; readonly confinement: Confinement }>;

/** Answers what an upstream asks of the client. */
export type Ask = (method: string, params: Params, signal: AbortSignal) => Promise<Reply>;

/** A request under way, as far as the upstream has to do with it. */
export interface UpstreamCall {
  readonly method: string;
  readonly params: Params;
  /** Aborted when nobody waits for the answer any more: the upstream is told. */
  readonly signal: AbortSignal;
  /** Progress and log messages of this request. */
  readonly onNotification?: (notification: RpcNotification) => void;
  readonly ask?: Ask;
  /** Header fields beside the protocol's own, for HTTP upstreams. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For servers that run nothing without a decision. */
  readonly proof?: CallProof;
}

/** An answer, with what egress said of it. */
export interface Answered {
  readonly reply: Reply;
  /** UTF-8 bytes on the wire. */
  readonly bytes: number;
  /** Names of injected secrets that were redacted from it. */
  readonly redacted: readonly string[];
}

interface Pending {
  readonly call: UpstreamCall;
  resolve(answered: Answered): void;
  reject(error: AppError): void;
}

/** Milliseconds that a handshake may take. */
const HANDSHAKE_MS = 30_000;
const TOO_LATE = "The server did not start and answer the handshake in time";

/** One open line to an MCP server, after the handshake. */
export class Upstream {
  #confinement: Confinement = "none";
  #negotiated: Negotiated = {
    era: "legacy",
    version: "",
    capabilities: {},
    serverInfo: {},
    instructions: undefined,
  };
  #line: Line | undefined;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #asked = new Map<RequestId, AbortController>();
  readonly #listeners = new Set<(notification: RpcNotification) => void>();
  readonly #closed = Promise.withResolvers<LineClosed>();
  #ended: LineClosed | undefined;
  #lastId = 0;

  readonly #client: ClientProfile;
  readonly #isShared: boolean;

  private constructor(client: ClientProfile, isShared: boolean) {
    this.#client = client;
    this.#isShared = isShared;
  }

  /**
   * Opens the line and greets the server in the client's era, else in the other. `isShared`: many clients
   * use it, so what it says by itself is nobody's in particular.
   */
  static async open(
    openWire: OpenWire,
    client: ClientProfile,
    isShared: boolean,
  ): Promise<Upstream> {
    const upstream = new Upstream(client, isShared);
    const opening = openWire((event) => upstream.#take(event));
    const { line, confinement } = await inTime(opening, HANDSHAKE_MS, TOO_LATE).catch((error) => {
      void opening.then(({ line }) => line.close(), () => undefined);
      throw error;
    });
    upstream.#line = line;
    upstream.#confinement = confinement;
    try {
      upstream.#negotiated = await inTime(negotiate(upstream, client), HANDSHAKE_MS, TOO_LATE);
      return upstream;
    } catch (error) {
      upstream.close();
      throw error;
    }
  }

  /** How far what is at its other end is confined. */
  get confinement(): Confinement {
    return this.#confinement;
  }

  get era(): Era {
    return this.#negotiated.era;
  }

  get capabilities(): Params {
    return this.#negotiated.capabilities;
  }

  get serverInfo(): Params {
    return this.#negotiated.serverInfo;
  }

  get instructions(): string | undefined {
    return this.#negotiated.instructions;
  }

  /** Resolves when the line has ended without being closed here. */
  get closed(): Promise<LineClosed> {
    return this.#closed.promise;
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** Requests under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Whether a client that can do this may use it: it was told when it was greeted, or is with each request. */
  suits({ capabilities }: ClientProfile): boolean {
    return this.#isShared || this.era === "modern" ||
      canonicalJson(capabilities) === canonicalJson(this.#client.capabilities);
  }

  /** Calls `listener` with every notification that belongs to no request; answers what ends that. */
  listen(listener: (notification: RpcNotification) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells who listens what the server itself did not say: that what is shown of its list is another. */
  announce(method: string): void {
    for (const listener of this.#listeners) listener({ jsonrpc: "2.0", method });
  }

  /** Sends a request. Rejects with the signal's reason, or as `unavailable` when the line ends. */
  request(call: UpstreamCall): Promise<Answered> {
    if (this.#ended) return Promise.reject(lineError(this.#ended));
    if (call.signal.aborted) return Promise.reject(call.signal.reason);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const abort = (): void => {
      this.#pending.delete(id);
      this.notify("notifications/cancelled", { requestId: id, reason: "The caller gave up" });
      reject(call.signal.reason);
    };
    call.signal.addEventListener("abort", abort, { once: true });
    this.#pending.set(id, { call, resolve, reject });
    this.#send({ jsonrpc: "2.0", id, method: call.method, params: withToken(call, id) }, call);
    return promise.finally(() => call.signal.removeEventListener("abort", abort));
  }

  notify(method: string, params: Params = {}): void {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  /** Ends the line, and with it what it leads to. */
  close(): void {
    if (this.#ended) return;
    this.#line?.close();
    this.#end({ kind: "closed", code: "drained", reason: "The gateway closed the line" });
  }

  /** Says that what the line led to is lost: nothing comes over it any more. */
  lose(reason: string): void {
    if (this.#ended) return;
    this.#line?.close();
    this.#end({ kind: "closed", code: "unavailable", reason });
  }

  #send(message: RpcRequest | RpcNotification | RpcResponse, call?: UpstreamCall): void {
    if (this.#ended) return;
    const version = this.#negotiated.version;
    this.#line?.send(message, {
      ...version !== "" && { "mcp-protocol-version": version },
      ...version === MODERN_VERSION && "method" in message && standardHeaders(message),
      ...call?.headers,
    }, call?.proof);
  }

  #take(event: LineEvent): void {
    if (event.kind === "closed") return this.#end(event);
    const message = parseMessage(event.message);
    if (!message) return;
    if (isRequest(message)) return void this.#answer(message);
    if (isNotification(message)) return this.#hear(message);
    this.#settle(message as RpcResponse, event);
  }

  #settle(message: RpcResponse, { bytes, redacted }: LineMessage): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    const reply: Reply = "result" in message
      ? { result: message.result }
      : { error: message.error };
    pending?.resolve({ reply, bytes, redacted });
  }

  /** Progress goes to its request, with the token that the client gave; the rest to everybody. */
  #hear(notification: RpcNotification): void {
    const { method, params } = notification;
    if (method === "notifications/cancelled") {
      return this.#asked.get(params?.["requestId"] as RequestId)?.abort();
    }
    if (method === "notifications/progress") {
      const call = this.#pending.get(params?.["progressToken"] as RequestId)?.call;
      const token = objectAt(call?.params, "_meta")["progressToken"];
      if (!call || token === undefined) return;
      return call.onNotification?.({
        ...notification,
        params: { ...params, progressToken: token },
      });
    }
    if (method === "notifications/message") {
      const latest = this.#latest((call) => call.onNotification !== undefined);
      if (latest?.onNotification) return latest.onNotification(notification);
      if (this.#isShared) return;
    }
    for (const listener of this.#listeners) listener(notification);
  }

  /** Answers a request of the server: by the latest call that can be asked. */
  async #answer({ id, method, params }: RpcRequest): Promise<void> {
    const gaveUp = new AbortController();
    this.#asked.set(id, gaveUp);
    const ask = this.#latest((call) => call.ask !== undefined)?.ask;
    const reply = method === "ping"
      ? { result: {} }
      : await ask?.(method, params ?? {}, gaveUp.signal).catch(() =>
        errorReply(CODES.internal, "The client did not answer")
      ) ?? errorReply(CODES.methodNotFound, `Nobody here answers "${method}"`);
    this.#asked.delete(id);
    if (!gaveUp.signal.aborted) this.#send({ jsonrpc: "2.0", id, ...reply });
  }

  /** The latest call of the one client that there is; of many clients, none can be meant. */
  #latest(wanted: (call: UpstreamCall) => boolean): UpstreamCall | undefined {
    if (this.#isShared) return undefined;
    return [...this.#pending.values()].findLast(({ call }) => wanted(call))?.call;
  }

  #end(closed: LineClosed): void {
    if (this.#ended) return;
    this.#ended = closed;
    for (const { reject } of this.#pending.values()) reject(lineError(closed));
    this.#pending.clear();
    for (const asked of this.#asked.values()) asked.abort();
    this.#listeners.clear();
    this.#closed.resolve(closed);
  }
}

function lineError({ code, reason }: LineClosed): AppError {
  return new AppError("unavailable", reason, { details: { line: code } });
}

/** Tokens of different clients may be the same: towards the server the request's own id is the token. */
function withToken({ params }: UpstreamCall, id: RequestId): Params {
  const meta = objectAt(params, "_meta");
  if (meta["progressToken"] === undefined) return params;
  return { ...params, _meta: { ...meta, progressToken: id } };
}
