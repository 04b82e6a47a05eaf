import type { JsonRpcMessage } from "./transport.ts";

/** Requests of the gateway that the upstream has not answered yet. */
export class Requests {
  readonly #open = new Set<string | number>();

  get open(): number {
    return this.#open.size;
  }

  /** Notes a message to the upstream. */
  noteSent({ id, method }: JsonRpcMessage): void {
    if (method !== undefined && id !== undefined && id !== null) this.#open.add(id);
  }

  /** Notes that one need not be answered any more; answers whether it was open. */
  noteCancelled(id: string | number): boolean {
    return this.#open.delete(id);
  }

  /** Notes a message of the upstream; answers whether it is one that was asked for. */
  noteReceived({ id, method }: JsonRpcMessage): boolean {
    return method === undefined && id !== undefined && id !== null && this.#open.delete(id);
  }
}
