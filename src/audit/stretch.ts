import type { Sql } from "../db/mod.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { type ChainPoint, genesis } from "./chain_check.ts";
import { findBatchRange, findPoint, findSealsAround } from "./verify_store.ts";

/** Rows by their place or by the time they were created; everything when nothing is given. */
export interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
}

/** A part of a writer's chain: what comes after `start` up to batch `last`. */
export interface Stretch {
  readonly start: ChainPoint;
  /** The seal that proves `start`; undefined at the beginning of the chain. */
  readonly startSeal: number | undefined;
  readonly last: number;
  /** The whole chain to its head. */
  readonly whole: boolean;
}

/** The part of a chain that a range touches, widened so that seals prove both its ends; undefined for none. */
export async function findStretch(
  sql: Sql,
  writer: string,
  range: Range,
): Promise<Stretch | undefined> {
  if (isEverything(range)) {
    const last = Number.MAX_SAFE_INTEGER;
    return { start: genesis(writer), startSeal: undefined, last, whole: true };
  }
  const batches = await findBatchRange(sql, writer, {
    from: range.from ?? 1,
    to: range.to ?? Number.MAX_SAFE_INTEGER,
    firstId: boundaryId(range.since?.getTime() ?? 0),
    lastId: boundaryId(range.until?.getTime() ?? MAX_TIME),
  });
  if (!batches) return undefined;
  const { before, after } = await findSealsAround(sql, writer, batches);
  const point = before && await findPoint(sql, writer, before.batch);
  return {
    start: point ?? genesis(writer),
    startSeal: point && before?.seal,
    last: after?.batch ?? batches.last,
    whole: false,
  };
}

export function isEverything({ from, to, since, until }: Range): boolean {
  return [from, to, since, until].every((bound) => bound === undefined);
}

const MAX_TIME = 2 ** 48 - 1;

/** The smallest UUIDv7 of a moment. */
export function boundaryId(time: number): string {
  const id = uuidV7(Math.min(Math.max(time, 0), MAX_TIME));
  return `${id.slice(0, 13)}-7000-8000-000000000000`;
}
