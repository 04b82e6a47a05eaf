import type { Sql } from "../db/mod.ts";
import { ChainCheck, type ChainPoint, equalBytes, SealCheck } from "./chain_check.ts";
import { HASH_BYTES } from "./chain.ts";
import type { Findings } from "./finding.ts";
import type { GapBook } from "./gaps.ts";
import { type Group, readChain } from "./chain_reader.ts";
import { rowProblem } from "./row_check.ts";
import { SealFollower } from "./seal_follower.ts";
import type { HeadMark } from "./seal_store.ts";
import type { Seal } from "./seal_format.ts";
import type { Keyring } from "./signing.ts";
import type { Stretch } from "./stretch.ts";
import type { StoredBatch } from "./verify_store.ts";

/** What was checked of one writer. */
export interface WriterReport {
  readonly writer: string;
  readonly n: number;
  readonly batch: number;
  readonly rows: number;
  readonly batches: number;
  readonly seals: number;
  /** The last row that a seal covers. */
  readonly sealedN: number;
  /** Rows that retention dropped. */
  readonly dropped: number;
  readonly signers: readonly string[];
}

export interface WriterContext {
  readonly sql: Sql;
  readonly keyring: Keyring;
  readonly findings: Findings;
  /** The gaps that retention left; asked for at the first missing row only. */
  gaps(): Promise<GapBook>;
  /** Called with each seal that was read. */
  onSeal(seal: Seal): Promise<void>;
  onProgress(rows: number): void;
}

/** Checks one writer's chain: batches, rows, seals and, for the whole of it, the head. */
export async function verifyWriter(
  context: WriterContext,
  writer: string,
  head: HeadMark | undefined,
  stretch: Stretch,
): Promise<WriterReport> {
  const { sql, findings, keyring } = context;
  const { start, startSeal } = stretch;
  const chain = new ChainCheck(writer, start, findings);
  const check = new SealCheck(
    writer,
    keyring,
    findings,
    startSeal === undefined ? 0 : startSeal - 1,
  );
  const seals = new SealFollower(context, writer, check);
  await seals.reach(start);
  const counts = { rows: 0, batches: 0, dropped: 0 };
  for await (const group of readChain(sql, writer, start.batch, stretch.last)) {
    for (const batch of group.batches) {
      chain.add(batch);
      counts.dropped += await checkRows(context, writer, batch, group);
      counts.rows += batch.rowIds.length;
      await seals.reach(chain.point);
    }
    counts.batches += group.batches.length;
    context.onProgress(counts.rows);
  }
  if (stretch.whole) {
    await seals.finish(chain.point);
    checkHead(writer, head, chain.point, findings);
    if (counts.dropped > 0) (await context.gaps()).settle(writer, findings);
  }
  const { n, batch } = chain.point;
  return { writer, n, batch, ...counts, ...seals.report };
}

/** Checks the rows of a batch against its leaves; answers how many retention dropped. */
async function checkRows(
  { findings, gaps }: WriterContext,
  writer: string,
  { batch, firstN, rowIds, leaves }: StoredBatch,
  { rows }: Group,
): Promise<number> {
  if (rowIds.length !== leaves.length / HASH_BYTES) {
    findings.add({
      writer,
      batch,
      n: firstN,
      what: `Batch ${batch} names ${rowIds.length} rows and has ${
        leaves.length / HASH_BYTES
      } leaves`,
    });
  }
  let dropped = 0;
  for (const [index, id] of rowIds.entries()) {
    const n = firstN + index;
    const stored = rows.get(id);
    const leaf = leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    if (!stored && (await gaps()).covers(writer, n, id, leaf)) {
      dropped++;
      continue;
    }
    const problem = stored ? rowProblem(stored, leaves, index) : "is missing";
    if (problem) findings.add({ writer, n, batch, row: id, what: `The row at n=${n} ${problem}` });
  }
  return dropped;
}

function checkHead(
  writer: string,
  head: HeadMark | undefined,
  point: ChainPoint,
  findings: Findings,
): void {
  const found = (what: string): void =>
    findings.add({ writer, n: Math.min(head?.n ?? 0, point.n) + 1, batch: point.batch, what });
  if (!head) return found(`The head is missing, the chain has n=${point.n}`);
  if (head.n !== point.n || head.batch !== point.batch) {
    return found(
      `The head stands at n=${head.n} in batch ${head.batch}, ` +
        `the chain ends at n=${point.n} in batch ${point.batch}`,
    );
  }
  if (!equalBytes(head.root, point.root)) {
    found(`The head has another root than batch ${point.batch}`);
  }
}
