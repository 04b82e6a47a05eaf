import type { Clock } from "../kernel/clock.ts";
import type { Charge } from "./batch.ts";
import type { WindowUse } from "./batch_store.ts";

interface Remembered {
  readonly used: number;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
}

const SWEEP_EVERY_MS = 10_000;

/**
 * What windows held when a commit last touched them. Only a forecast, so that most commits need one round
 * trip: the database refuses a commit that would overrun a window whatever is remembered here.
 */
export class WindowCache {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Remembered>();
  #sweptAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the window is believed to hold at `now`, in monotonic milliseconds. */
  used(key: string, now: number): number {
    const window = this.#windows.get(key);
    return window && window.endsAt > now ? window.used : 0;
  }

  /** Milliseconds from `now` until the window ends; 0 when it is not known. */
  resetMs(key: string, now: number): number {
    const endsAt = this.#windows.get(key)?.endsAt ?? 0;
    return Math.max(0, Math.ceil(endsAt - now));
  }

  /** Takes what a commit returned; answers what each charged window held before that commit. */
  learn(
    charges: readonly Charge[],
    windows: readonly WindowUse[],
    sentAt: number,
  ): Map<string, number> {
    this.see(windows, sentAt);
    const used = new Map(windows.map((window) => [window.key, window.used]));
    return new Map(charges.map(({ key, amount }) => [key, (used.get(key) ?? amount) - amount]));
  }

  /**
   * Takes what windows hold. Their end counts from when the question was sent, so that it is never
   * remembered later than it is.
   */
  see(windows: readonly WindowUse[], sentAt: number): void {
    for (const { key, used, remainingMs } of windows) {
      this.#windows.set(key, { used, endsAt: sentAt + remainingMs });
    }
  }

  forget(): void {
    this.#windows.clear();
  }

  /** Drops windows that are over, now and then: sessions come and go. */
  sweep(): void {
    const now = this.#clock.monotonic();
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [key, window] of this.#windows) {
      if (window.endsAt <= now) this.#windows.delete(key);
    }
  }
}
