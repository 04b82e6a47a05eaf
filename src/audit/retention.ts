import { createHash } from "node:crypto";
import type { Pool, Sql } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { appendRows, type EventInput, eventRow } from "./append.ts";
import { HASH_BYTES } from "./chain.ts";
import { type Gap, readGaps } from "./gaps.ts";
import { findHold, lockHolds } from "./hold_store.ts";
import { countRows, dropPartition, listPartitions, type Partition } from "./retention_store.ts";
import { timeOf } from "./row_check.ts";
import { createKeyring, type Statement } from "./signing.ts";
import { findStretch } from "./stretch.ts";
import { verify } from "./verify.ts";
import {
  listBatches,
  listRetentionDetails,
  listWriters,
  prepareLongRead,
  RETENTION_TARGET,
} from "./verify_store.ts";

export interface RetentionOptions {
  /** Partitions that end before this moment go. */
  readonly before: Date;
  /** What allows it, e.g. `{ keep: "365d" }`; stands in the statement. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** The chain that takes the row about it. */
  readonly writer: string;
  readonly actor: Pick<EventInput, "userId" | "role" | "surface" | "clientId">;
  readonly clock: Clock;
  /** Signs a statement with the seal key, wherever that is held. */
  sign(subject: "retention", body: Statement["body"]): Promise<Statement> | Statement;
  /** No further partition is begun once it aborts. */
  readonly signal?: AbortSignal;
  /** The seal key's raw public key. */
  readonly publicKey: Uint8Array;
}

export interface DroppedPartition {
  readonly partition: string;
  readonly rows: number;
}

/** A partition that would have gone if a hold did not reach into it. */
export interface HeldPartition {
  readonly partition: string;
  /** Why it is held. */
  readonly held: string;
}

/**
 * Drops the partitions that are over, oldest first, each in one transaction with the signed row that
 * accounts for it. The skeleton stays, so that what remains verifies. Needs the owner. A partition that a hold
 * reaches into stays and is answered with why; one whose rows do not verify stays: throws `conflict`.
 */
export async function dropOldPartitions(
  sql: Pool,
  options: RetentionOptions,
): Promise<(DroppedPartition | HeldPartition)[]> {
  const results: (DroppedPartition | HeldPartition)[] = [];
  for (const partition of await listPartitions(sql)) {
    if (partition.to > options.before) continue;
    if (options.signal?.aborted) break;
    const result = await sql.begin(
      "isolation level repeatable read",
      (tx) => dropOne(tx, partition, options),
    ) as number | string;
    results.push(
      typeof result === "number"
        ? { partition: partition.name, rows: result }
        : { partition: partition.name, held: result },
    );
  }
  return results;
}

/** The rows of a partition that is gone, or why it is held. */
async function dropOne(
  sql: Sql,
  partition: Partition,
  options: RetentionOptions,
): Promise<number | string> {
  await lockHolds(sql);
  await prepareLongRead(sql);
  const held = await findHold(sql, partition.from, partition.to);
  if (held !== undefined) return held;
  await checkPartition(sql, partition, options);
  const gaps = await findGaps(sql, partition);
  const rows = gaps.reduce((sum, gap) => sum + gap.rows, 0);
  const stored = await countRows(sql, partition.name);
  if (stored !== rows) {
    throw new AppError(
      "conflict",
      `Cannot drop "${partition.name}": it has ${stored} rows, the log has ${rows} of that time`,
      { hint: 'Run "spgov infra logs verify".' },
    );
  }
  if (rows > 0) await recordGaps(sql, partition, gaps, options);
  await dropPartition(sql, partition.name);
  return rows;
}

async function checkPartition(
  sql: Sql,
  { name, from, to }: Partition,
  { publicKey }: RetentionOptions,
): Promise<void> {
  const report = await verify(sql, { since: from, until: to, keys: [publicKey], maxFindings: 1 });
  if (report.ok) return;
  throw new AppError(
    "conflict",
    `Cannot drop "${name}": its rows do not verify (${report.findings[0]?.what})`,
    { hint: 'Run "spgov infra logs verify".' },
  );
}

/** What dropping a partition takes from each writer's chain. */
async function findGaps(sql: Sql, { from, to }: Partition): Promise<Gap[]> {
  const gaps: Gap[] = [];
  for (const writer of await listWriters(sql)) {
    const stretch = await findStretch(sql, writer, { since: from, until: to });
    const gap = stretch && await findGap(sql, writer, stretch.start.batch, stretch.last, from, to);
    if (gap) gaps.push(gap);
  }
  return gaps;
}

const BATCH_PAGE = 512;

async function findGap(
  sql: Sql,
  writer: string,
  after: number,
  last: number,
  from: Date,
  to: Date,
): Promise<Gap | undefined> {
  const hash = createHash("sha256");
  let [rows, firstN, lastN] = [0, 0, 0];
  for (let at = after;;) {
    const page = await listBatches(sql, writer, at, last, BATCH_PAGE);
    for (const batch of page) {
      at = batch.batch;
      for (const [index, id] of batch.rowIds.entries()) {
        const time = timeOf(id);
        if (time < from.getTime() || time >= to.getTime()) continue;
        hash.update(batch.leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
        lastN = batch.firstN + index;
        firstN ||= lastN;
        rows++;
      }
    }
    if (page.length < BATCH_PAGE) break;
  }
  if (rows === 0) return undefined;
  return {
    writer,
    from: from.toISOString(),
    to: to.toISOString(),
    first_n: firstN,
    last_n: lastN,
    rows,
    digest: hash.digest("hex"),
  };
}

/** The row also repeats the gaps before: the row that told of them goes with its own partition one day. */
async function recordGaps(
  sql: Sql,
  partition: Partition,
  gaps: readonly Gap[],
  { sign, publicKey, policy, actor, clock, writer }: RetentionOptions,
): Promise<void> {
  const keyring = createKeyring([publicKey]);
  const before = readGaps(await listRetentionDetails(sql), keyring);
  const statement = await sign("retention", {
    partition: partition.name,
    at: new Date(clock.now()).toISOString(),
    policy,
    gaps: [...before, ...gaps],
  });
  const row = eventRow({
    ...actor,
    kind: "system",
    target: RETENTION_TARGET,
    decision: "ok",
    detail: { partition: partition.name, statement },
  }, clock.now());
  await appendRows(sql, writer, [row]);
}
