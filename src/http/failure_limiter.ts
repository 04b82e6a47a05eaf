import type { Clock } from "../kernel/clock.ts";

const WINDOW_MS = 60_000;
const PER_WINDOW = 60;
const MAX_ADDRESSES = 10_000;

/**
 * How many failed authentications of one client address are recorded: 60 a minute. Whoever has no token
 * is refused all the same, but cannot fill the audit.
 */
export function createFailureLimiter(clock: Clock): {
  mayRecord(address: string): boolean;
  /** Refusals that got no row so far. */
  readonly unrecorded: number;
} {
  const counts = new Map<string, number>();
  let startedAt = clock.monotonic();
  let unrecorded = 0;
  return {
    get unrecorded() {
      return unrecorded;
    },
    mayRecord(address) {
      const now = clock.monotonic();
      if (now - startedAt >= WINDOW_MS) {
        startedAt = now;
        counts.clear();
      }
      const count = (counts.get(address) ?? 0) + 1;
      if (count > PER_WINDOW || (count === 1 && counts.size >= MAX_ADDRESSES)) {
        unrecorded++;
        return false;
      }
      counts.set(address, count);
      return true;
    },
  };
}
