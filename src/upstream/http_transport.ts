import type { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { messageOf } from "../kernel/errors.ts";
import { createGuardedFetch } from "./guarded_fetch.ts";
import { checkMessage } from "./json_lines.ts";
import { type LineEnd, LineFault } from "./line_end.ts";
import type { JsonRpcMessage, Receive, Transport } from "./transport.ts";

export interface HttpOptions {
  readonly endpoint: string;
  /** Certificates (PEM) of an authority that is trusted beside the well-known ones. */
  readonly ca: string | undefined;
  /** Of every request, injected values among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of one message. */
  readonly limit: number;
  readonly timeoutMs: number;
  /** Takes what went wrong without ending the line. */
  readonly onTrouble: (text: string) => void;
}

/** Streams that break are resumed ever later, so often. */
const RECONNECTION = {
  initialReconnectionDelay: 500,
  reconnectionDelayGrowFactor: 2,
  maxReconnectionDelay: 30_000,
  maxRetries: 8,
};
/** Milliseconds to say goodbye in. */
const GOODBYE_MS = 2000;
/** JSON-RPC's code for what went wrong on the server's side. */
const SERVER_ERROR = -32000;
const VERSION_META = "io.modelcontextprotocol/protocolVersion";

interface OpenRequest {
  readonly abort: AbortController;
  /** Whether ending its stream is how it is cancelled: so since revision 2026-07-28. */
  readonly endsByStream: boolean;
}

/** A session with a remote server, or the lack of one: Streamable HTTP of both eras, by the SDK's client. */
export class HttpTransport implements Transport {
  readonly pid = undefined;
  readonly #client: StreamableHTTPClientTransport;
  readonly #connections: Deno.HttpClient | undefined;
  readonly #onTrouble: HttpOptions["onTrouble"];
  readonly #requests = new Map<string | number, OpenRequest>();
  readonly #ended = Promise.withResolvers<LineEnd>();
  #receive: Receive = () => undefined;
  #room: Promise<void> | undefined;
  #isReached = false;

  private constructor(
    create: (fetch: ReturnType<typeof createGuardedFetch>) => StreamableHTTPClientTransport,
    { endpoint, ca, headers, limit, timeoutMs, onTrouble }: HttpOptions,
  ) {
    this.#connections = ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
    this.#onTrouble = onTrouble;
    this.#client = create(createGuardedFetch({
      endpoint: new URL(endpoint),
      client: this.#connections,
      headers,
      limit,
      timeoutMs,
      room: () => this.#room,
      onFault: (fault) => this.#ended.reject(fault),
    }));
    this.#client.onmessage = (message) => this.#take(message);
    this.#client.onerror = (error) => {
      onTrouble(messageOf(error));
      if (isGarbage(error)) this.#ended.reject(garbage());
    };
    this.#ended.promise.catch(() => {});
  }

  /** Loads the client, which a service without remote servers never needs. Nothing is sent yet. */
  static async open(options: HttpOptions): Promise<HttpTransport> {
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    const transport = new HttpTransport(
      (fetch) =>
        new StreamableHTTPClientTransport(new URL(options.endpoint), {
          fetch,
          reconnectionOptions: RECONNECTION,
        }),
      options,
    );
    await transport.#client.start();
    return transport;
  }

  run(receive: Receive): Promise<LineEnd> {
    this.#receive = receive;
    return this.#ended.promise;
  }

  send(message: JsonRpcMessage, headers: Readonly<Record<string, string>> = {}): void {
    const version = headers["mcp-protocol-version"];
    if (version !== undefined) this.#client.setProtocolVersion(version);
    if (this.#cancel(message)) return;
    const abort = new AbortController();
    if (isRequest(message)) {
      const endsByStream = message.params?._meta?.[VERSION_META] !== undefined;
      this.#requests.set(message.id, { abort, endsByStream });
    }
    void this.#post(message, headers, abort.signal);
  }

  async close(atOnce: boolean): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, GOODBYE_MS);
    if (!atOnce) {
      await Promise.race([this.#client.terminateSession().catch(() => {}), late.promise]);
    }
    clearTimeout(timer);
    for (const { abort } of this.#requests.values()) abort.abort();
    await this.#client.close();
    this.#connections?.close();
  }

  async #post(
    message: JsonRpcMessage,
    headers: Readonly<Record<string, string>>,
    requestSignal: AbortSignal,
  ): Promise<void> {
    const unanswered = (): void => this.#answerFor(message, "ended the answer before its end");
    try {
      // Typed by the SDK as one of its messages, which `message` is in all that it looks at.
      const sent = message as unknown as Parameters<StreamableHTTPClientTransport["send"]>[0];
      await this.#client.send(sent, { headers, requestSignal, onRequestStreamEnd: unanswered });
      this.#isReached = true;
    } catch (error) {
      if (!requestSignal.aborted) this.#fail(message, error);
    }
  }

  #take(message: unknown): void {
    try {
      const checked = checkMessage(message);
      const { id, method } = checked;
      if (method === undefined && id !== undefined && id !== null) this.#requests.delete(id);
      const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
      this.#room = this.#receive({ message: checked, bytes });
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  /** A session that is gone ends the line, so that the next call opens another; other failures are the request's. */
  #fail(message: JsonRpcMessage, error: unknown): void {
    const status = statusOf(error);
    if (status === 404 && this.#client.sessionId !== undefined) {
      return this.#ended.resolve({ code: "exited", reason: "has forgotten the session" });
    }
    if (status !== undefined || dataOf(error)) {
      this.#isReached = true;
      const what = status === undefined ? "something else than MCP" : `the HTTP status ${status}`;
      return this.#answerFor(message, `answered with ${what}`, errorIn(error));
    }
    if (isGarbage(error)) return this.#ended.reject(garbage());
    const reason = error instanceof LineFault ? error.message : "cannot be reached";
    if (!this.#isReached) return this.#ended.resolve({ code: "failed", reason });
    this.#onTrouble(messageOf(error));
    this.#answerFor(message, reason);
  }

  /** Answers a request that the server did not. */
  #answerFor(message: JsonRpcMessage, what: string, error?: unknown): void {
    if (!isRequest(message) || !this.#requests.has(message.id)) return;
    this.#take({
      jsonrpc: "2.0",
      id: message.id,
      error: error ?? { code: SERVER_ERROR, message: `The server ${what}` },
    });
  }

  /** Whether a message told that a request is cancelled, and ending its stream says so. */
  #cancel({ method, params }: JsonRpcMessage): boolean {
    const id = method === "notifications/cancelled" ? params?.requestId : undefined;
    const request = id === undefined ? undefined : this.#requests.get(id);
    if (id === undefined || !request) return false;
    this.#requests.delete(id);
    if (request.endsByStream) request.abort.abort();
    return request.endsByStream;
  }
}

function isRequest(
  message: JsonRpcMessage,
): message is JsonRpcMessage & { readonly id: string | number } {
  return message.method !== undefined && message.id !== undefined && message.id !== null;
}

/** What the SDK throws for JSON that is none, and for JSON that is no message. */
function isGarbage(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && /ZodError$/.test(error.name));
}

function garbage(): LineFault {
  return new LineFault("garbage", "sent what is no JSON-RPC message");
}

/** The HTTP status that the SDK's error tells of. */
function statusOf(error: unknown): number | undefined {
  const data = dataOf(error);
  return typeof data?.status === "number" ? data.status : undefined;
}

/** The JSON-RPC error that the body of an error answer holds. */
function errorIn(error: unknown): unknown {
  try {
    const body = JSON.parse(dataOf(error)?.text ?? "");
    return typeof body?.error?.message === "string" ? body.error : undefined;
  } catch {
    return undefined;
  }
}

function dataOf(error: unknown): { readonly status?: unknown; readonly text?: string } | undefined {
  return typeof error === "object" && error !== null && "data" in error
    ? error.data as { readonly status?: unknown; readonly text?: string }
    : undefined;
}
