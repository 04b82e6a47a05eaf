import type { Sql } from "../db/mod.ts";
import { LOG_LEVELS, type LogLevel } from "../kernel/log.ts";
import { pause } from "../kernel/pause.ts";
import type { LogLine } from "./line.ts";
import { listLinesOfWriter, listLogHeads } from "./query_store.ts";

export interface FollowLinesOptions {
  /** Ends the following. */
  readonly signal: AbortSignal;
  readonly levels?: readonly LogLevel[] | undefined;
  /** Milliseconds between looks; default 1,000. */
  readonly everyMs?: number;
  /** Called when the starting point is taken: what becomes durable from then on is not missed. */
  readonly onReady?: () => void;
}

const PAGE = 1000;

/** Every line that becomes durable from now on, once each, of every replica. */
export async function* followLines(
  sql: Sql,
  { signal, levels = LOG_LEVELS, everyMs = 1000, onReady }: FollowLinesOptions,
): AsyncGenerator<LogLine> {
  const seen = await listLogHeads(sql);
  onReady?.();
  while (!signal.aborted) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    for (const [writer, head] of await listLogHeads(sql)) {
      for (let at = seen.get(writer) ?? 0; at < head && !signal.aborted;) {
        const lines = await listLinesOfWriter(sql, writer, at, { levels, limit: PAGE });
        at = lines.length < PAGE ? Math.max(head, lines.at(-1)?.n ?? 0) : lines.at(-1)?.n ?? head;
        seen.set(writer, at);
        for (const { n: _, ...line } of lines) yield line;
      }
    }
  }
}
