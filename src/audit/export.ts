import type { Sql } from "../db/mod.ts";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { AppError } from "../kernel/errors.ts";
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleHeader } from "./bundle_format.ts";
import { canonicalRow } from "./chain.ts";
import type { AuditRow } from "./event.ts";
import { readChain } from "./chain_reader.ts";
import {
  findNewestSealedBatch,
  findSessionPeriod,
  listRowPages,
  type RowFilter,
} from "./export_store.ts";
import { readRow } from "./row_check.ts";
import { type Seal, toRecord } from "./seal_format.ts";
import { listHeads, listSeals } from "./seal_store.ts";
import { findStretch, type Range } from "./stretch.ts";
import { listWriters, prepareLongRead, type StoredRow } from "./verify_store.ts";

export interface ExportOptions extends RowFilter {
  /** Milliseconds since the epoch, for the header. */
  readonly now: number;
  /** Raw public keys of the seals, by key id. */
  readonly publicKeys: Readonly<Record<string, Uint8Array>>;
  /** Goes on where an export with the same filter ended early: what was written up to there is not written again. */
  readonly resume?: BundlePosition | undefined;
  /** Called when all up to a position has been handed to `write`. */
  readonly onPosition?: ((position: BundlePosition) => Promise<void> | void) | undefined;
}

/** What an export came to. */
export interface ExportCounts {
  chains: number;
  batches: number;
  rows: number;
  seals: number;
  /** Newest rows that no seal covers yet: they are not in the bundle. */
  unsealed: number;
}

/** A chain's part in a bundle, settled when the export began. */
interface PlannedChain {
  readonly writer: string;
  readonly n: number;
  readonly batch: number;
  /** base64 */
  readonly root: string;
  readonly startSeal: number | null;
  readonly last: number;
}

/** How far an export is; JSON, to be kept beside what was written. */
export interface BundlePosition {
  readonly chains: readonly PlannedChain[];
  /** Index of the chain that is being written. */
  readonly chain: number;
  /** Its last batch and seal that are written; null before its first line. */
  readonly batch: number | null;
  readonly seal: number;
  readonly counts: Readonly<ExportCounts>;
}

const PAGE = 1000;
const MARGIN_MS = 60_000;

/**
 * Writes a bundle (see bundle_format.ts) line by line. Call it with a transaction of one snapshot
 * (`repeatable read`): what it reads has to fit together. Throws `not_found` when there is nothing to export.
 */
export async function exportBundle(
  sql: Sql,
  options: ExportOptions,
  write: (line: string) => Promise<void> | void,
): Promise<ExportCounts> {
  await prepareLongRead(sql);
  const line = async (kind: string, content: unknown): Promise<void> =>
    await write(canonicalJson({ [kind]: content }) + "\n");
  if (!options.resume) await line("bundle", headerOf(options));
  const from = options.resume ?? await planBundle(sql, options);
  const counts = { ...from.counts };
  const context: ExportContext = { sql, options, counts, line, write };
  for (const [index, chain] of from.chains.entries()) {
    if (index < from.chain) continue;
    const position = index === from.chain ? from : { ...from, chain: index, batch: null, seal: 0 };
    await exportChain(context, chain, position);
  }
  if (counts.rows === 0) {
    throw new AppError("not_found", "No sealed row matches: there is nothing to export");
  }
  const { unsealed: _, ...given } = counts;
  await line("end", given);
  return counts;
}

/** Which part of each chain is exported. Chains are sealed and never change: later reads find the same. */
async function planBundle(sql: Sql, options: ExportOptions): Promise<BundlePosition> {
  const counts: ExportCounts = { chains: 0, batches: 0, rows: 0, seals: 0, unsealed: 0 };
  const chains: PlannedChain[] = [];
  const range = await rangeOf(sql, options);
  const heads = new Map((await listHeads(sql)).map((head) => [head.writer, head.n]));
  for (const writer of await listWriters(sql)) {
    const stretch = await findStretch(sql, writer, range);
    const sealed = await findNewestSealedBatch(sql, writer);
    if (stretch?.whole) counts.unsealed += (heads.get(writer) ?? 0) - (sealed?.n ?? 0);
    if (!stretch || !sealed || sealed.batch <= stretch.start.batch) continue;
    const { start: { n, batch, root }, startSeal = null } = stretch;
    const last = Math.min(stretch.last, sealed.batch);
    chains.push({ writer, n, batch, root: root.toBase64(), startSeal, last });
  }
  return { chains, chain: 0, batch: null, seal: 0, counts };
}

function headerOf({ since, until, session, now, publicKeys }: ExportOptions): BundleHeader {
  return {
    format: BUNDLE_FORMAT,
    version: BUNDLE_VERSION,
    created_at: new Date(now).toISOString(),
    filter: {
      ...since && { since: since.toISOString() },
      ...until && { until: until.toISOString() },
      ...session !== undefined && { session },
    },
    public_keys: Object.fromEntries(
      Object.entries(publicKeys).map(([id, key]) => [id, key.toBase64()]),
    ),
  };
}

/** What the filter touches; a session's own period where nothing else bounds it. */
async function rangeOf(sql: Sql, { since, until, session }: ExportOptions): Promise<Range> {
  if (session === undefined) return { since, until };
  const period = await findSessionPeriod(sql, session);
  if (!period) {
    throw new AppError("not_found", `Cannot export session "${session}": it has no rows`);
  }
  return {
    since: since ?? new Date(period.first.getTime() - MARGIN_MS),
    until: until ?? new Date(period.last.getTime() + MARGIN_MS),
  };
}

interface ExportContext {
  readonly sql: Sql;
  readonly options: ExportOptions;
  readonly counts: ExportCounts;
  line(kind: string, content: unknown): Promise<void>;
  write(line: string): Promise<void> | void;
}

async function exportChain(
  context: ExportContext,
  { writer, n, batch: start, root, startSeal, last }: PlannedChain,
  from: BundlePosition,
): Promise<void> {
  const { sql, options, counts, line } = context;
  let seal = from.batch === null ? (startSeal ?? 1) - 1 : from.seal;
  const seals = sealsOf(sql, writer, seal);
  let next = await seals.next();
  const reach = async (batch: number): Promise<void> => {
    for (; !next.done && next.value.batch <= batch; next = await seals.next()) {
      counts.seals++;
      seal = next.value.seal;
      await line("seal", toRecord(next.value));
    }
  };
  if (from.batch === null) {
    counts.chains++;
    await line("chain", { writer, n, batch: start, root });
    await reach(start);
  }
  for await (const { batches, rows } of readChain(sql, writer, from.batch ?? start, last)) {
    for (const { batch, firstN, rowIds, leaves, root, previousRoot } of batches) {
      counts.batches++;
      await line("batch", {
        batch,
        first_n: firstN,
        leaves: leaves.toBase64(),
        root: root.toBase64(),
        previous_root: previousRoot.toBase64(),
      });
      for (const [index, id] of rowIds.entries()) {
        const stored = rows.get(id);
        if (stored) await exportRow(context, firstN + index, stored);
      }
      await reach(batch);
    }
    const batch = batches.at(-1)?.batch ?? null;
    if (batch !== null) await options.onPosition?.({ ...from, batch, seal, counts: { ...counts } });
  }
}

async function exportRow(
  { options, counts, write }: ExportContext,
  n: number,
  stored: StoredRow,
): Promise<void> {
  const row = rowOf(stored);
  if (!isWanted(row, options)) return;
  counts.rows++;
  // What `canonicalJson` writes of the two members.
  await write(`{"row":{"data":${canonicalRow(row)},"n":${n}}}\n`);
}

function rowOf(stored: StoredRow): AuditRow {
  const read = readRow(stored);
  if ("row" in read) return read.row;
  throw new AppError("invalid", `Cannot export row ${stored[0]}: it was changed, ${read.problem}`, {
    hint: 'Run "spgov infra logs verify".',
  });
}

function isWanted(
  { createdAt, sessionId }: AuditRow,
  { since, until, session }: RowFilter,
): boolean {
  return (since === undefined || createdAt >= since.getTime()) &&
    (until === undefined || createdAt < until.getTime()) &&
    (session === undefined || sessionId === session);
}

async function* sealsOf(sql: Sql, writer: string, after: number): AsyncGenerator<Seal> {
  for (let last = after;;) {
    const page = await listSeals(sql, writer, last, PAGE);
    for (const { seal, number } of page) {
      if (seal) yield seal;
      last = number;
    }
    if (page.length < PAGE || Number.isNaN(last)) return;
  }
}

function canonicalLine(row: AuditRow): string {
  return `${canonicalRow(row)}\n`;
}

/** Goes on after a row, and how many there were before. */
export interface RowsPosition {
  readonly after: string | null;
  readonly rows: number;
}

export interface RowExportOptions extends RowFilter {
  readonly resume?: RowsPosition | undefined;
  readonly onPosition?: ((position: RowsPosition) => Promise<void> | void) | undefined;
  /** How a row is written; canonical JSON and a line feed unless given. */
  readonly format?: ((row: AuditRow) => string) | undefined;
}

/** Writes the rows that the filter lets through as lines, oldest first; answers their number. */
export async function exportRows(
  sql: Sql,
  { resume, onPosition, format = canonicalLine, ...filter }: RowExportOptions,
  write: (line: string) => Promise<void> | void,
): Promise<number> {
  await prepareLongRead(sql);
  let rows = resume?.rows ?? 0;
  for await (const page of listRowPages(sql, filter, resume?.after ?? undefined, PAGE)) {
    for (const stored of page) await write(format(rowOf(stored)));
    rows += page.length;
    await onPosition?.({ after: page.at(-1)?.[0] ?? null, rows });
  }
  return rows;
}
