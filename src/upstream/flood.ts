import { LineFault } from "./line_end.ts";

/** What an upstream may send without being asked, at once and then each second. */
const MESSAGES = { burst: 2000, rate: 500 };
const BYTES = { burst: 16 * 1024 * 1024, rate: 2 * 1024 * 1024 };

/** Ends an upstream that keeps sending what nobody asked for: notifications and requests of its own. */
export class FloodGuard {
  #messages = MESSAGES.burst;
  #bytes = BYTES.burst;
  #at: number;

  /** `now` in milliseconds, never going back. */
  constructor(now: number) {
    this.#at = now;
  }

  /** Counts a message. Throws `LineFault` when there were too many. */
  count(bytes: number, now: number): void {
    const seconds = (now - this.#at) / 1000;
    this.#at = now;
    this.#messages = Math.min(MESSAGES.burst, this.#messages + seconds * MESSAGES.rate) - 1;
    this.#bytes = Math.min(BYTES.burst, this.#bytes + seconds * BYTES.rate) - bytes;
    if (this.#messages >= 0 && this.#bytes >= 0) return;
    throw new LineFault("limit", "floods its output with what nobody asked for");
  }
}
