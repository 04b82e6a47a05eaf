import type { Batch, Head } from "./batch.ts";
import type { CommitResult } from "./batch_store.ts";
import type { Waiter } from "./waiter.ts";

/**
 * A batch on its way to the database. Several fly one behind the other over one connection, each chained to the
 * root of the one before: of them the first so many arrive, or none.
 */
export interface Flight {
  readonly waiters: readonly Waiter[];
  readonly batch: Batch;
  /** Monotonic milliseconds. */
  readonly sentAt: number;
  /** Undefined when the head was not there. */
  readonly result: Promise<CommitResult | undefined>;
}

/** The root that the next batch is chained to. */
export function rootBehind(flights: readonly Flight[], head: Head): Uint8Array {
  return flights.at(-1)?.batch.root ?? head.root;
}

/** Who waits for the flights. */
export function waitersOf(flights: readonly Flight[]): readonly Waiter[] {
  return flights.flatMap(({ waiters }) => waiters);
}

/** What the flights add to a window once they arrive. */
export function addedBy(flights: readonly Flight[]): (key: string) => number {
  const added = new Map<string, number>();
  for (const { key, amount } of flights.flatMap(({ batch }) => batch.charges)) {
    added.set(key, (added.get(key) ?? 0) + amount);
  }
  return (key) => added.get(key) ?? 0;
}

/** How many of the flights made it, when the database's head is at `root`; undefined when none of ours led there. */
export function arrivedAt(
  root: Uint8Array,
  flights: readonly Flight[],
  head: Head,
): number | undefined {
  if (equalBytes(root, head.root)) return 0;
  const last = flights.findIndex(({ batch }) => equalBytes(root, batch.root));
  return last < 0 ? undefined : last + 1;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
