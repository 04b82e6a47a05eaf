import type { Sql } from "../db/mod.ts";
import { LOG_LEVELS, type LogLevel } from "../kernel/log.ts";
import { countOldLines, type OldLines, removeOldLines } from "./retention_store.ts";

/** Days that lines stay, by level, and how much longer where a collector has not taken them. */
export type LogRetention = Readonly<Record<LogLevel, number>> & { readonly waiting: number };

export interface CleanOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (removed: number) => void;
}

const DAY = 86_400_000;
const AT_ONCE = 5000;

/** What a retention makes old now. */
export function oldLinesOf(retention: LogRetention, now: number): OldLines[] {
  return LOG_LEVELS.map((level) => ({
    level,
    before: new Date(now - retention[level] * DAY),
    waitUntil: new Date(now - (retention[level] + retention.waiting) * DAY),
  }));
}

/** Removes what is old, a few thousand at a time, level by level; answers how many of each. */
export async function cleanLines(
  sql: Sql,
  old: readonly OldLines[],
  { signal, onProgress }: Omit<CleanOptions, "now"> = {},
): Promise<Readonly<Record<LogLevel, number>>> {
  const removed: Record<LogLevel, number> = { debug: 0, info: 0, warn: 0, error: 0 };
  let total = 0;
  for (const each of old) {
    for (let count = AT_ONCE; count === AT_ONCE && !signal?.aborted;) {
      count = await removeOldLines(sql, each, AT_ONCE);
      removed[each.level] += count;
      onProgress?.(total += count);
    }
  }
  return removed;
}

/** How many lines `cleanLines` would remove. */
export async function countLines(sql: Sql, old: readonly OldLines[]): Promise<number> {
  let total = 0;
  for (const each of old) total += await countOldLines(sql, each);
  return total;
}
