import type { Entry } from "./batch.ts";
import type { Committed } from "./waiter.ts";
import type { AuditWriter } from "./writer.ts";

/** A writer that can be given rows that nobody waits for. */
export interface TrailingWriter extends Pick<AuditWriter, "stamp" | "commit"> {
  /**
   * As `commit`, for a row whose caller has its answer: it goes with the next row that somebody waits for, or
   * after `TRAIL_MS`.
   */
  commitSoon(entry: Entry): Promise<Committed>;
}

/** Milliseconds that a row waits for company. */
const TRAIL_MS = 20;

interface Held {
  readonly entry: Entry;
  readonly committed: PromiseWithResolvers<Committed>;
}

/**
 * A batch costs the database about the same for one row as for a few, and whoever comes while it runs waits for
 * it: rows that nobody waits for begin none of their own.
 */
export function createTrailingWriter(
  writer: Pick<AuditWriter, "stamp" | "commit">,
): TrailingWriter {
  let held: Held[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function release(): void {
    clearTimeout(timer);
    timer = undefined;
    const rows = held;
    held = [];
    for (const { entry, committed } of rows) {
      writer.commit(entry).then(committed.resolve, committed.reject);
    }
  }

  return {
    stamp: () => writer.stamp(),
    commit(entry) {
      const committed = writer.commit(entry);
      if (held.length > 0) release();
      return committed;
    },
    commitSoon(entry) {
      const committed = Promise.withResolvers<Committed>();
      held.push({ entry, committed });
      timer ??= setTimeout(release, TRAIL_MS);
      return committed.promise;
    },
  };
}
