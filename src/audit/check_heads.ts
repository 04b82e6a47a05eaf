import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { equalBytes } from "./chain_check.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type Seal, sealHash } from "./seal_format.ts";
import { findRoot, findSeals, listHeads } from "./seal_store.ts";

/** A chain whose state in the database does not contain what its newest seal outside says. */
export interface LostChain {
  readonly writer: string;
  /** The newest seal outside the database. */
  readonly sealed: Seal;
  /** Where the chain ends in the database; n = 0 where there is nothing. */
  readonly n: number;
  readonly batch: number;
}

/** The chains that lost what was sealed: cut, rewritten, or restored from a backup. Reads little. */
export async function findLostChains(sql: Sql, checkpoint: Checkpoint): Promise<LostChain[]> {
  const heads = new Map((await listHeads(sql)).map((head) => [head.writer, head]));
  const lost: LostChain[] = [];
  for (const writer of await checkpoint.writers()) {
    const sealed = await checkpoint.newest(writer);
    if (!sealed || await contains(sql, sealed)) continue;
    const { n, batch } = heads.get(writer) ?? { n: 0, batch: 0 };
    lost.push({ writer, sealed, n, batch });
  }
  return lost;
}

/** Whether the database has the seal, the batch it signs, and a head that is not before it. */
export async function contains(sql: Sql, sealed: Seal): Promise<boolean> {
  const { writer, seal, batch } = sealed;
  const [stored] = await findSeals(sql, [{ writer, seal }]);
  if (!stored?.seal || !equalBytes(sealHash(stored.seal), sealHash(sealed))) return false;
  const root = await findRoot(sql, writer, batch);
  if (!root || !equalBytes(root, sealed.root)) return false;
  const head = (await listHeads(sql, writer)).find((each) => each.writer === writer);
  return head !== undefined && head.n >= sealed.n && head.batch >= batch;
}

/**
 * Refuses to go on when the database is behind the seals that left it: throws `conflict`. Call it before the
 * first append of a start; what is appended to a restored backup makes a fork of the log.
 */
export async function checkHeads(sql: Sql, checkpoint: Checkpoint): Promise<void> {
  const lost = await findLostChains(sql, checkpoint);
  const [first] = lost;
  if (!first) return;
  const { writer, n, sealed } = first;
  const others = lost.length > 1 ? ` (and ${lost.length - 1} more)` : "";
  const message = n < sealed.n
    ? `The audit log lost rows: "${writer}" ends at n=${n}, its seal ${sealed.seal} covers n=${sealed.n}`
    : `The audit log was rewritten: "${writer}" does not contain its seal ${sealed.seal}`;
  throw new AppError("conflict", message + others, {
    hint:
      'A backup was restored, or the log was cut. See "spgov infra logs verify"; to go on from here ' +
      'and record that: spgov infra logs fork --reason "…" --yes',
    details: {
      chains: lost.map((chain) => ({ writer: chain.writer, n: chain.n, sealed_n: chain.sealed.n })),
    },
  });
}
