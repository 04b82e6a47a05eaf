import type { Redactor } from "../vault/mod.ts";
import type { LogRing } from "./log_ring.ts";

export interface ErrorOutputOptions {
  readonly ring: LogRing;
  /** The key of the line that the child belongs to. */
  readonly key: string;
  readonly redactor: Redactor | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Bytes a second that are looked at; of more, only the number is noted. */
const BYTES_A_SECOND = 256 * 1024;
const NEWLINE = 10;
/** Longest line; it is cut there. */
const MAX_LINE = 4096;

/** Keeps the last lines of a child's standard error, redacted, however much it writes. */
export class ErrorOutput {
  readonly #options: ErrorOutputOptions;
  readonly #redaction: ReturnType<Redactor["stream"]> | undefined;
  readonly #decoder = new TextDecoder();
  #line = "";
  #second = 0;
  #read = 0;
  #skipped = 0;
  /** Bytes were left out within a line, whose rest may be the end of a value. */
  #dropsLine = false;

  constructor(options: ErrorOutputOptions) {
    this.#options = options;
    this.#redaction = options.redactor?.stream();
  }

  push(chunk: Uint8Array): void {
    const second = Math.floor(this.#options.now() / 1000);
    if (second !== this.#second) this.#startSecond(second);
    this.#read += chunk.length;
    if (this.#read > BYTES_A_SECOND) return this.#skip(chunk.length);
    const rest = this.#dropsLine ? this.#dropLine(chunk) : chunk;
    this.#take(this.#redaction?.push(rest).value ?? rest);
  }

  end(): void {
    this.#startSecond(0);
    this.#cut();
  }

  /** Ends the line: what comes next does not continue it. */
  #cut(): void {
    if (this.#redaction) this.#take(this.#redaction.cut().value);
    if (this.#line !== "") this.#note(this.#line);
    this.#line = "";
  }

  #skip(bytes: number): void {
    if (this.#skipped === 0) this.#cut();
    this.#skipped += bytes;
    this.#dropsLine = true;
  }

  /** What follows the end of the line; nothing where it does not end yet. */
  #dropLine(chunk: Uint8Array): Uint8Array {
    const end = chunk.indexOf(NEWLINE);
    if (end < 0) return chunk.subarray(chunk.length);
    this.#dropsLine = false;
    return chunk.subarray(end + 1);
  }

  #startSecond(second: number): void {
    if (this.#skipped > 0) this.#note(`[${this.#skipped} bytes were left out]`);
    this.#second = second;
    this.#read = 0;
    this.#skipped = 0;
  }

  #take(bytes: Uint8Array): void {
    const lines = (this.#line + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#note(line);
    while (this.#line.length > MAX_LINE) {
      this.#note(this.#line.slice(0, MAX_LINE));
      this.#line = this.#line.slice(MAX_LINE);
    }
  }

  #note(text: string): void {
    const { ring, key, now } = this.#options;
    ring.add({ at: now(), key, text: text.trimEnd() });
  }
}
