/** Waits between starts that fail, in milliseconds. */
const FIRST = 500;
const LONGEST = 60_000;
/** Entries whose wait has been over for so long are forgotten. */
const FORGET = 10 * 60_000;

interface Failing {
  readonly times: number;
  readonly retryAt: number;
}

/** Keeps what fails to start from being started over and over, each key for itself. */
export class Backoff {
  readonly #failing = new Map<string, Failing>();

  /** Milliseconds until it may be tried again; 0 when it may now. */
  waitFor(key: string, now: number): number {
    return Math.max(0, (this.#failing.get(key)?.retryAt ?? 0) - now);
  }

  /** The latest time before which something is not tried again; undefined when nothing waits. */
  retryAt(now: number): number | undefined {
    const times = [...this.#failing.values()].map(({ retryAt }) => retryAt)
      .filter((at) => at > now);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Notes a failure; the first `free` of them in a row cost no wait. */
  fail(key: string, now: number, free: number): void {
    const times = (this.#failing.get(key)?.times ?? 0) + 1;
    const wait = times <= free ? 0 : Math.min(FIRST * 2 ** (times - free - 1), LONGEST);
    for (const [other, { retryAt }] of this.#failing) {
      if (retryAt + FORGET < now) this.#failing.delete(other);
    }
    this.#failing.set(key, { times, retryAt: now + wait });
  }

  succeed(key: string): void {
    this.#failing.delete(key);
  }

  clear(): void {
    this.#failing.clear();
  }
}
