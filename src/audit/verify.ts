/**
 * The format of the audit log and how to verify it. This text is meant to be enough to write a second
 * verifier; `SHA-256`, `Ed25519` (RFC 8032) and canonical JSON (RFC 8785) are all it takes.
 *
 * **Row.** The canonical JSON object of the 18 columns of table `audit` under the table's names. `id` and
 * `call_id` are lower-case UUIDs, `created_at` is RFC 3339 in UTC with exactly three decimals and `Z`,
 * `detail` is the JSON value, `cost_microdollars` and `latency_us` are JSON numbers, everything else is a
 * string. A stored time with microseconds, or a number that a double does not hold exactly, was never written.
 *
 * **Leaf.** `leaf = SHA-256(0x00 || UTF-8 of the row)`, 32 bytes.
 *
 * **Chain.** Every writer has a chain of its own; its rows have numbers n = 1, 2, 3 … and its batches
 * numbers 1, 2, 3 …. Row k (from 0) of a batch has n = first_n + k, id `row_ids[k + 1]` and its leaf at byte
 * 32 k of `leaves`. A batch continues the one before: `first_n` is the number after its last row and
 * `previous_root` its `root`; before batch 1 stand n = 0 and
 * `SHA-256("spgov-audit\n" || writer || "\n")`.
 * `root = SHA-256(0x01 || previous_root || leaf_1 || … || leaf_k)`.
 * `audit_head` of the writer has n, number and root of its newest batch.
 *
 * **Seal.** Seals of a writer are numbered 1, 2, 3 …. A seal signs with Ed25519 the UTF-8 text
 *
 *     spgov-audit\n<writer>\n<seal>\n<n>\n<batch>\n<root, base64>\n<previous seal, lower-case hexadecimal>\n
 *     <sealed_at, RFC 3339 UTC, three decimals>\n<others, canonical JSON>\n
 *
 * (one text, without the line break shown before `<sealed_at`), where `root` is that of batch `batch`, which
 * ends with row `n`; `previous seal` is the hash of the seal before, 32 zero bytes in seal 1; and `others` maps each
 * other writer that had a seal to `{"hash": "<hexadecimal>", "seal": <number>}` of its newest one. The hash
 * of a seal is `SHA-256(text || signature)`. n, batch and sealed_at never decrease. The text is also the
 * text of a C2SP signed note with key name `spgov-audit`.
 *
 * **Key.** `key_id` = the first 16 hexadecimal digits of SHA-256 over the raw 32-byte public key. The database
 * names keys only by it: public keys come from the operator, from the checkpoint files or from the bundle.
 * Who verifies for somebody else pins the key id that the operator published.
 *
 * **Checkpoint.** Seals are also copied, in order, to a file outside the database (see checkpoint.ts). Each of
 * them has to be in the database with the same hash, save those that a fork line behind them takes out:
 * `{"fork": statement, "base": b}` ends the seals after number b.
 *
 * **Statement.** `{subject, body, key_id, public_key, signature}`, an Ed25519 signature over
 * `spgov-statement\n<subject>\n<canonical JSON of body>\n`. Subject `fork`: the operator goes on from a
 * database that lost rows. Subject `retention`, found in `detail.statement` of the rows with kind `system`
 * and target `audit:retention`: its `body.gaps` list the rows that retention dropped, as
 * `{writer, from, to, first_n, last_n, rows, digest}`: the rows of that writer with
 * first_n <= n <= last_n whose id holds a time in [from, to); `rows` of them, and
 * `digest` = hexadecimal SHA-256 over their leaves in the order of n. Any other missing row is a finding.
 *
 * **Set.** The ids in all `row_ids` are distinct, and every row of `audit` is in exactly one of them.
 *
 * **Bundle.** See bundle_format.ts.
 */
import type { Pool, Sql } from "../db/mod.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { verifyCheckpoint } from "./checkpoint_check.ts";
import { collectFindings, type Finding, type Findings } from "./finding.ts";
import { createGapBook, type GapBook, readGaps } from "./gaps.ts";
import { createReferenceCheck } from "./reference_check.ts";
import { listHeads } from "./seal_store.ts";
import { createKeyring, keyIdOf, type Keyring } from "./signing.ts";
import { findStretch, type Range } from "./stretch.ts";
import {
  listRetentionDetails,
  listStrayRows,
  listStrayRowsOf,
  listWriters,
  prepareLongRead,
  type StrayRow,
} from "./verify_store.ts";
import { verifyWriter, type WriterReport } from "./verify_writer.ts";

export interface VerifyOptions extends Range {
  /** Raw public keys to trust, 32 bytes each. Those in the checkpoint are trusted too, unless `pin` is given. */
  readonly keys?: readonly Uint8Array[];
  /** Accept signatures of this key id only. */
  readonly pin?: string | undefined;
  /** The copies outside the database. Without them a cut tail does not show. */
  readonly checkpoint?: Checkpoint;
  /** Check this writer's chain only. */
  readonly writer?: string | undefined;
  /** Another connection: the server compares sets on it while rows are hashed. */
  readonly second?: Pool | undefined;
  /** How many findings are kept; all are counted. Default 1,000. */
  readonly maxFindings?: number;
  readonly onProgress?: (rows: number) => void;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly writers: readonly WriterReport[];
  readonly rows: number;
  readonly batches: number;
  readonly seals: number;
  /** Rows that retention dropped and accounted for. */
  readonly dropped: number;
  /** Newest rows that no seal covers yet. */
  readonly unsealed: number;
  /** Seals outside the database that were compared; undefined without a checkpoint. */
  readonly copies: number | undefined;
  /** Decisions to go on after rows were lost. */
  readonly forks: number;
  /** Ids of the keys whose signatures were found good. */
  readonly keyIds: readonly string[];
  readonly durationMs: number;
}

/**
 * Verifies the log in the database, or a part of it, in one snapshot: a service that writes meanwhile is never
 * reported. Inside a transaction it verifies what that transaction sees. Needs memory for some hundred rows,
 * whatever the log's size. Findings are data; it throws only when the database cannot be read.
 */
export async function verify(sql: Sql, options: VerifyOptions = {}): Promise<VerifyReport> {
  const started = performance.now();
  const findings = collectFindings(options.maxFindings ?? 1000);
  // Before the snapshot: a seal that is made meanwhile is in the copy and not in the snapshot.
  const lines = await countLines(options.checkpoint);
  const keyring = await keyringFor(options);
  const { writers, copies, forks } = await inSnapshot(sql, options.second, async (tx, beside) => {
    await prepareLongRead(tx);
    if (beside !== tx) await prepareLongRead(beside);
    const strays = listStrays(beside, options);
    // Awaited below; until then a failure of the main work must not leave it unhandled.
    strays.catch(() => undefined);
    const outcome = await verifyAll(tx, options, keyring, findings, lines);
    for (const stray of await strays) findings.add({ row: stray.row, what: describeStray(stray) });
    return outcome;
  });
  return {
    ok: findings.count === 0,
    findings: findings.kept,
    findingCount: findings.count,
    writers,
    rows: sum(writers, (report) => report.rows),
    batches: sum(writers, (report) => report.batches),
    seals: sum(writers, (report) => report.seals),
    dropped: sum(writers, (report) => report.dropped),
    unsealed: sum(writers, (report) => Math.max(0, report.n - report.sealedN)),
    copies,
    forks,
    keyIds: [...new Set(writers.flatMap((report) => report.signers))].sort(),
    durationMs: performance.now() - started,
  };
}

async function inSnapshot<T>(
  sql: Sql,
  second: Pool | undefined,
  work: (sql: Sql, beside: Sql) => Promise<T>,
): Promise<T> {
  if (!("begin" in sql)) return await work(sql, sql);
  return await sql.begin(SNAPSHOT, async (first) => {
    if (!second) return await work(first, first);
    const [exported] = await first<{ id: string }[]>`select pg_export_snapshot() as id`;
    return await second.begin(SNAPSHOT, async (beside) => {
      await beside.unsafe(`set transaction snapshot '${exported?.id}'`);
      return await work(first, beside);
    });
  }) as T;
}

const SNAPSHOT = "isolation level repeatable read read only";

interface Outcome {
  readonly writers: readonly WriterReport[];
  readonly copies: number | undefined;
  readonly forks: number;
}

async function verifyAll(
  sql: Sql,
  options: VerifyOptions,
  keyring: Keyring,
  findings: Findings,
  lines: ReadonlyMap<string, number>,
): Promise<Outcome> {
  const heads = new Map((await listHeads(sql)).map((head) => [head.writer, head]));
  const references = createReferenceCheck(sql, findings);
  const reports: WriterReport[] = [];
  const gaps = lazily(async () =>
    createGapBook(readGaps(await listRetentionDetails(sql), keyring))
  );
  for (const writer of await listWriters(sql)) {
    if (options.writer !== undefined && options.writer !== writer) continue;
    const done = sum(reports, (report) => report.rows);
    const context = {
      sql,
      keyring,
      findings,
      gaps,
      onSeal: references.add,
      onProgress: (rows: number) => options.onProgress?.(done + rows),
    };
    const stretch = await findStretch(sql, writer, options);
    if (stretch) reports.push(await verifyWriter(context, writer, heads.get(writer), stretch));
  }
  await references.finish();
  const outside = await checkOutside(sql, options, keyring, findings, heads, lines);
  return { writers: reports, ...outside };
}

async function checkOutside(
  sql: Sql,
  { checkpoint, writer }: VerifyOptions,
  keyring: Keyring,
  findings: Findings,
  heads: ReadonlyMap<string, { readonly n: number }>,
  lines: ReadonlyMap<string, number>,
): Promise<Pick<Outcome, "copies" | "forks">> {
  if (!checkpoint) return { copies: undefined, forks: 0 };
  let copies = 0;
  let forks = 0;
  for (const [each, known] of lines) {
    if (writer !== undefined && writer !== each) continue;
    const n = heads.get(each)?.n ?? 0;
    const context = { sql, checkpoint, keyring, findings };
    const result = await verifyCheckpoint(context, each, n, known);
    copies += result.copies;
    forks += result.forks;
  }
  return { copies, forks };
}

/** How many lines the file of each writer has. */
async function countLines(checkpoint: Checkpoint | undefined): Promise<Map<string, number>> {
  const lines = new Map<string, number>();
  for (const writer of await checkpoint?.writers() ?? []) {
    let count = 0;
    for await (const _ of checkpoint?.read(writer) ?? []) count++;
    lines.set(writer, count);
  }
  return lines;
}

async function keyringFor({ keys = [], pin, checkpoint }: VerifyOptions): Promise<Keyring> {
  const keyring = createKeyring();
  const add = (key: Uint8Array): void => {
    if (pin === undefined || keyIdOf(key) === pin) keyring.add(key);
  };
  keys.forEach(add);
  for (const writer of await checkpoint?.writers() ?? []) {
    for await (const line of checkpoint?.read(writer) ?? []) {
      if (line.kind === "seal" && line.publicKey) add(line.publicKey);
    }
  }
  return keyring;
}

async function listStrays(
  sql: Sql,
  { writer, from, to, since, until, maxFindings = 1000 }: VerifyOptions,
): Promise<StrayRow[]> {
  if (writer !== undefined || from !== undefined || to !== undefined) return [];
  return since || until
    ? await listStrayRowsOf(sql, { since, until }, maxFindings)
    : await listStrayRows(sql, maxFindings);
}

function describeStray({ row, held, stored }: StrayRow): string {
  if (held === 0) return `Row ${row} is in no batch: it was inserted behind the log's back`;
  if (held > 1) return `Row ${row} is in ${held} batches`;
  return `Row ${row} is ${stored} times in the table`;
}

function lazily(make: () => Promise<GapBook>): () => Promise<GapBook> {
  let made: Promise<GapBook> | undefined;
  return () => made ??= make();
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
