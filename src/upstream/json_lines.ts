import { LineFault } from "./line_end.ts";
import type { JsonRpcMessage } from "./transport.ts";

const NEWLINE = 10;

/** Cuts a stream of bytes at its newlines, holding at most `limit` bytes of a line. */
export class LineCutter {
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(readonly limit: number) {}

  /** Bytes of a line that has not ended yet. */
  get rest(): number {
    return this.#size;
  }

  /** The lines that end in `chunk`, without their newlines. Throws `LineFault` for a line beyond the limit. */
  *cut(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, at));
      yield this.#take();
      from = at + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  #add(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > this.limit) {
      throw new LineFault("limit", `sent a message of more than ${this.limit} bytes`);
    }
    this.#parts.push(part);
  }

  #take(): Uint8Array {
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only ? only : join(this.#parts, this.#size);
    this.#parts = [];
    this.#size = 0;
    return line;
  }
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One JSON-RPC message. Throws `LineFault` for anything else, batches among it. */
export function parseMessage(bytes: Uint8Array): JsonRpcMessage {
  return checkMessage(parse(bytes));
}

/** Levels of a message: what is deeper could not be passed between isolates, and exhausts whoever walks it. */
const MAX_DEPTH = 128;

/** The value as a JSON-RPC message. */
export function checkMessage(value: unknown): JsonRpcMessage {
  if (
    typeof value !== "object" || value === null || !("jsonrpc" in value) || value.jsonrpc !== "2.0"
  ) {
    throw new LineFault("garbage", "sent JSON that is no JSON-RPC message");
  }
  if (isWithin(value, MAX_DEPTH)) return value as JsonRpcMessage;
  throw new LineFault("garbage", `sent a message of more than ${MAX_DEPTH} levels`);
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inside.every((each) => isWithin(each, depth - 1));
}

function parse(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new LineFault("garbage", "sent bytes that are no UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new LineFault("garbage", "sent a line that is no JSON");
  }
}
