import type { JsonRpcMessage } from "./transport.ts";

/** Requests of the gateway that the upstream has not answered yet. */
export class Requests {
  readonly #open = new Set<string | number>();

  get open(): number {
    return this.#open.size;
  }

  /** Notes a message to the upstream. */
  noteSent({ id, method, params }: JsonRpcMessage): void {
    if (method === undefined) return;
    if (id !== undefined && id !== null) this.#open.add(id);
    // Whoever is told so need not answer any more.
    const cancelled = method === "notifications/cancelled" ? params?.requestId : undefined;
    if (cancelled !== undefined) this.#open.delete(cancelled);
  }

  /** Notes a message of the upstream; answers whether it is one that was asked for. */
  noteReceived({ id, method }: JsonRpcMessage): boolean {
    return method === undefined && id !== undefined && id !== null && this.#open.delete(id);
  }
}
