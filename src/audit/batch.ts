import { leavesOf, nextRoot, writeRow, type WrittenRow } from "./chain.ts";
import type { AuditRow } from "./event.ts";

/** What a call takes from a limit's window, in that limit's unit (calls, tokens, microdollars). */
export interface Charge {
  /** The window, e.g. `calls:session:<id>`. */
  readonly key: string;
  /** How much one window holds. */
  readonly cap: number;
  readonly lengthMs: number;
  readonly amount: number;
}

/** A row that is to be committed, with what it charges. */
export interface Entry {
  readonly row: AuditRow;
  readonly charges: readonly Charge[];
  /** The row to write instead when the window of `charge` has no room. Needed where there are charges. */
  refuse?(charge: Charge): AuditRow;
}

/** An entry whose row is written already: little is left to do when its turn comes. */
export interface WrittenEntry extends Pick<Entry, "charges" | "refuse"> {
  readonly row: WrittenRow;
}

/** The state of a writer's chain: how many rows and batches it has and the root over them. */
export interface Head {
  readonly n: number;
  readonly batch: number;
  readonly root: Uint8Array;
}

/** A batch as it goes to the database in one statement. */
export interface Batch {
  /** Row of each entry, in order: the entry's own or the one that refuses it. */
  readonly rows: readonly WrittenRow[];
  readonly refusedBy: readonly (Charge | undefined)[];
  readonly leaves: Uint8Array;
  readonly root: Uint8Array;
  /** One charge a window: the sum over the batch, sorted by key so that writers never deadlock. */
  readonly charges: readonly Charge[];
}

/** How much room a window had when it was last seen; `used` counts what this batch adds on top. */
export type UsedBefore = (key: string) => number;

/** Decides which entries fit their windows, given what the windows hold, and chains the resulting rows to `root`. */
export function planBatch(
  entries: readonly WrittenEntry[],
  { root }: Pick<Head, "root">,
  usedBefore: UsedBefore,
): Batch {
  const added = new Map<string, Charge>();
  const rows: WrittenRow[] = [];
  const refusedBy: (Charge | undefined)[] = [];
  for (const entry of entries) {
    const full = entry.charges.find((charge) => !fits(charge, added, usedBefore));
    if (full === undefined) entry.charges.forEach((charge) => add(charge, added));
    rows.push(full === undefined ? entry.row : refusal(entry, full));
    refusedBy.push(full);
  }
  const leaves = leavesOf(rows);
  return {
    rows,
    refusedBy,
    leaves,
    root: nextRoot(root, leaves),
    charges: [...added.values()].sort((a, b) => a.key < b.key ? -1 : 1),
  };
}

function fits(charge: Charge, added: Map<string, Charge>, usedBefore: UsedBefore): boolean {
  const used = usedBefore(charge.key) + (added.get(charge.key)?.amount ?? 0);
  return used < charge.cap && used + charge.amount <= charge.cap;
}

function add(charge: Charge, added: Map<string, Charge>): void {
  const before = added.get(charge.key);
  if (!before) return void added.set(charge.key, charge);
  added.set(charge.key, {
    ...charge,
    cap: Math.max(before.cap, charge.cap),
    amount: before.amount + charge.amount,
  });
}

function refusal(entry: WrittenEntry, charge: Charge): WrittenRow {
  if (!entry.refuse) throw new TypeError("An entry with charges needs refuse()");
  return writeRow(entry.refuse(charge));
}
