import type { UpstreamLogLine } from "../egress/mod.ts";

const LINES = 500;

/** The last lines that the children of one server wrote to their standard error. */
export class LogRing {
  readonly #lines: UpstreamLogLine[] = [];

  add(line: UpstreamLogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  list(): readonly UpstreamLogLine[] {
    return [...this.#lines];
  }
}
