import type { Sql } from "../db/mod.ts";
import { listPositions, listRowsOfBatches } from "./follow_store.ts";
import { pause } from "../kernel/pause.ts";
import type { LogRow } from "./query_store.ts";

export interface FollowOptions {
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Milliseconds between looks; default 1,000. */
  readonly everyMs?: number;
  /** Called when the starting point is taken: what is committed from then on is not missed. */
  readonly onReady?: () => void;
}

const BATCHES = 200;

/**
 * Every row that is committed from now on, once each. It follows the batches and not ids or times: a row
 * that was made early and committed late is not skipped, whatever the clock or the partitions do.
 */
export async function* followRows(
  sql: Sql,
  { signal, everyMs = 1000, onReady }: FollowOptions,
): AsyncGenerator<LogRow> {
  const seen = await listPositions(sql);
  onReady?.();
  while (!signal.aborted) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    for (const [writer, batch] of await listPositions(sql)) {
      for (let at = seen.get(writer) ?? 0; at < batch && !signal.aborted;) {
        const rows = await listRowsOfBatches(sql, writer, at, BATCHES);
        at = rows.at(-1)?.batch ?? batch;
        seen.set(writer, at);
        for (const { batch: _, ...row } of rows) yield row;
      }
    }
  }
}
