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

  constructor(options: ErrorOutputOptions) {
    this.#options = options;
    this.#redaction = options.redactor?.stream();
  }

  push(chunk: Uint8Array): void {
    const second = Math.floor(this.#options.now() / 1000);
    if (second !== this.#second) this.#startSecond(second);
    this.#read += chunk.length;
    if (this.#read > BYTES_A_SECOND) this.#skipped += chunk.length;
    else this.#take(this.#redaction?.push(chunk).value ?? chunk);
  }

  end(): void {
    this.#startSecond(0);
    if (this.#redaction) this.#take(this.#redaction.end().value);
    if (this.#line !== "") this.#note(this.#line);
    this.#line = "";
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
