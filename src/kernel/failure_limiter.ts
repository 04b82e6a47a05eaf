import type { Clock } from "../kernel/clock.ts";

const WINDOW_MS = 60_000;
const PER_NETWORK = 60;
/** Of all together: whoever has many addresses must not fill the disk either. */
const PER_WINDOW = 6000;

/**
 * How many failed authentications are recorded: 60 a minute of one client address (one /64 network of IPv6),
 * 6,000 of all. Whoever has no token is refused all the same, but cannot fill the audit.
 */
export function createFailureLimiter(clock: Clock): {
  mayRecord(address: string): boolean;
  /** Refusals that got no row so far. */
  readonly unrecorded: number;
} {
  const counts = new Map<string, number>();
  let startedAt = clock.monotonic();
  let recorded = 0;
  let unrecorded = 0;
  return {
    get unrecorded() {
      return unrecorded;
    },
    mayRecord(address) {
      const now = clock.monotonic();
      if (now - startedAt >= WINDOW_MS) {
        startedAt = now;
        recorded = 0;
        counts.clear();
      }
      const network = networkOf(address);
      const count = counts.get(network) ?? 0;
      if (count >= PER_NETWORK || recorded >= PER_WINDOW) {
        unrecorded++;
        return false;
      }
      counts.set(network, count + 1);
      recorded++;
      return true;
    },
  };
}

/** The /64 of an IPv6 address: one customer has all of it. Anything else is itself. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = [], tail = []] = address.split("::").map((part) =>
    part === "" ? [] : part.split(":")
  );
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}
