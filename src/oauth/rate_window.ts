/** How often something may happen for one key: so many times in a window of time. Bounded in memory. */
export class RateWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #monotonic: () => number;
  #startedAt: number;
  #counts = new Map<string, number>();

  constructor(limit: number, windowMs: number, monotonic: () => number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#monotonic = monotonic;
    this.#startedAt = monotonic();
  }

  /** Counts one; false when there were enough of them. */
  take(key: string): boolean {
    const now = this.#monotonic();
    if (now - this.#startedAt >= this.#windowMs || this.#counts.size >= MAX_KEYS) {
      this.#startedAt = now;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= this.#limit;
  }
}

const MAX_KEYS = 50_000;
