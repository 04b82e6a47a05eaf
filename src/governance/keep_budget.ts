/** Bytes of inputs and outputs that the rows of one session keep in one window. */
const BYTES_PER_WINDOW = 16 * 1024 * 1024;
const WINDOW_MS = 60_000;
const MAX_SESSIONS = 50_000;

/**
 * Says whether a row may keep `bytes` of what its session sent. Refused calls are recorded and not
 * charged: without a bound, one client could fill the disk with what was refused. Beyond it rows are
 * written all the same, with size and hash of the input instead of the input.
 */
export type KeepBudget = (sessionId: string, bytes: number) => boolean;

/** A budget for one isolate. `now`: monotonic milliseconds. */
export function createKeepBudget(now: () => number, perWindow = BYTES_PER_WINDOW): KeepBudget {
  const kept = new Map<string, number>();
  let startedAt = now();
  return (sessionId, bytes) => {
    if (now() - startedAt >= WINDOW_MS || kept.size > MAX_SESSIONS) {
      startedAt = now();
      kept.clear();
    }
    const total = (kept.get(sessionId) ?? 0) + bytes;
    if (total > perWindow) return false;
    kept.set(sessionId, total);
    return true;
  };
}
