import {
  type InboundModernRoute,
  type JSONRPCMessage,
  type JSONRPCRequest,
  PerRequestHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Reply, RpcNotification, RpcRequest } from "./message.ts";

/**
 * The answer to one request of revision 2026-07-28. A result that nothing comes before is plain JSON, made
 * here; streams and errors with their statuses are the transport's of the SDK, which costs more.
 */
export class ModernAnswer {
  readonly #message: RpcRequest;
  readonly #classification: InboundModernRoute["classification"];
  readonly #onLost: () => void;
  readonly #response = Promise.withResolvers<Response>();
  #transport: PerRequestHTTPServerTransport | undefined;
  #isOver = false;

  /** `onLost` is called when the client is gone before the answer. */
  constructor(
    message: RpcRequest,
    classification: InboundModernRoute["classification"],
    onLost: () => void,
  ) {
    this.#message = message;
    this.#classification = classification;
    this.#onLost = onLost;
  }

  get response(): Promise<Response> {
    return this.#response.promise;
  }

  /** Sends a notification ahead of the reply. */
  notify(notification: RpcNotification): void {
    if (this.#isOver) return;
    const { id } = this.#message;
    void this.#open().send(notification as JSONRPCMessage, { relatedRequestId: id });
  }

  reply(reply: Reply): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const message = this.#messageOf(reply);
    if (this.#transport || "error" in reply) void this.#open().send(message);
    else this.#response.resolve(Response.json(message));
  }

  /** Refuses the request while it is delivered: it gets the status that the transport has for the error. */
  refuse(reply: Reply): void {
    this.#isOver = true;
    this.#open((transport) => void transport.send(this.#messageOf(reply)));
  }

  /** The client went away. */
  close(): void {
    if (this.#transport) return void this.#transport.close();
    this.#lose();
    this.#response.resolve(gone());
  }

  #messageOf(reply: Reply): JSONRPCMessage {
    return { jsonrpc: "2.0", id: this.#message.id, ...reply } as JSONRPCMessage;
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLost();
  }

  #open(
    deliver: (transport: PerRequestHTTPServerTransport) => void = () => {},
  ): PerRequestHTTPServerTransport {
    if (this.#transport) return this.#transport;
    const transport = new PerRequestHTTPServerTransport({ classification: this.#classification });
    this.#transport = transport;
    transport.onclose = () => this.#lose();
    transport.onmessage = () => deliver(transport);
    void transport.start();
    this.#response.resolve(transport.handleMessage(this.#message as JSONRPCRequest).catch(gone));
    return transport;
  }
}

/** Nobody reads it. */
function gone(): Response {
  return new Response(null, { status: 499 });
}
