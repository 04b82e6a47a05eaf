import { LineFault } from "./line_end.ts";

const NEWLINE = 10;
const RETURN = 13;

/** Counts the bytes of each message of an answer: all of it, or of an event stream what stands between empty lines. */
export class MessageMeter {
  #bytes = 0;
  /** Bytes of the line that has not ended yet, carriage returns left out. */
  #line = 0;

  constructor(readonly limit: number, readonly isStream: boolean) {}

  /** Throws `LineFault` when a message is beyond the limit. */
  count(chunk: Uint8Array): void {
    if (!this.isStream) return this.#add(chunk.length);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#addLine(chunk, from, at);
      if (this.#line === 0) this.#bytes = 0;
      this.#line = 0;
      from = at + 1;
    }
    this.#addLine(chunk, from, chunk.length);
  }

  #addLine(chunk: Uint8Array, from: number, to: number): void {
    this.#add(to - from);
    this.#line += to - from - (chunk[to - 1] === RETURN && to > from ? 1 : 0);
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.limit) {
      throw new LineFault("limit", `sent a message of more than ${this.limit} bytes`);
    }
  }
}
