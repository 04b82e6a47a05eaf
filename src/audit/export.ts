import { parseExactly } from "../kernel/exact_json.ts";
import type { Sql } from "../db/mod.ts";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { AppError } from "../kernel/errors.ts";
import { BUNDLE_FORMAT, BUNDLE_VERSION, type BundleHeader } from "./bundle_format.ts";
import { canonicalRow } from "./chain.ts";
import type { ChainPoint } from "./chain_check.ts";
import { readChain } from "./chain_reader.ts";
import {
  findNewestSealedBatch,
  findSessionPeriod,
  listRowsAfter,
  type RowFilter,
} from "./export_store.ts";
import { readRow } from "./row_check.ts";
import { type Seal, toRecord } from "./seal_format.ts";
import { listHeads, listSeals } from "./seal_store.ts";
import { findStretch, type Range, type Stretch } from "./stretch.ts";
import { listWriters, prepareLongRead, type StoredRow } from "./verify_store.ts";

export interface ExportOptions extends RowFilter {
  /** Milliseconds since the epoch, for the header. */
  readonly now: number;
  /** Raw public keys of the seals, by key id. */
  readonly publicKeys: Readonly<Record<string, Uint8Array>>;
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
  const counts: ExportCounts = { chains: 0, batches: 0, rows: 0, seals: 0, unsealed: 0 };
  const line = async (kind: string, content: unknown): Promise<void> =>
    await write(canonicalJson({ [kind]: content }) + "\n");
  await line("bundle", headerOf(options));
  const range = await rangeOf(sql, options);
  const heads = new Map((await listHeads(sql)).map((head) => [head.writer, head.n]));
  for (const writer of await listWriters(sql)) {
    const stretch = await findStretch(sql, writer, range);
    const sealed = await findNewestSealedBatch(sql, writer);
    if (stretch?.whole) counts.unsealed += (heads.get(writer) ?? 0) - (sealed?.n ?? 0);
    if (!stretch || !sealed || sealed.batch <= stretch.start.batch) continue;
    const last = Math.min(stretch.last, sealed.batch);
    counts.chains++;
    await exportChain({ sql, options, counts, line }, writer, { ...stretch, last });
  }
  if (counts.rows === 0) {
    throw new AppError("not_found", "No sealed row matches: there is nothing to export");
  }
  const { unsealed: _, ...given } = counts;
  await line("end", given);
  return counts;
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
}

async function exportChain(
  context: ExportContext,
  writer: string,
  { start, startSeal, last }: Stretch,
): Promise<void> {
  const { sql, counts, line } = context;
  await line("chain", { writer, n: start.n, batch: start.batch, root: start.root.toBase64() });
  const seals = sealsOf(sql, writer, startSeal === undefined ? 0 : startSeal - 1);
  let next = await seals.next();
  const reach = async (point: Pick<ChainPoint, "batch">): Promise<void> => {
    for (; !next.done && next.value.batch <= point.batch; next = await seals.next()) {
      counts.seals++;
      await line("seal", toRecord(next.value));
    }
  };
  await reach(start);
  for await (const { batches, rows } of readChain(sql, writer, start.batch, last)) {
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
      await reach({ batch });
    }
  }
}

async function exportRow(
  { options, counts, line }: ExportContext,
  n: number,
  stored: StoredRow,
): Promise<void> {
  const data = dataOf(stored);
  if (!isWanted(data, options)) return;
  counts.rows++;
  await line("row", { n, data });
}

function dataOf(stored: StoredRow): Record<string, unknown> {
  const read = readRow(stored);
  if ("row" in read) return parseExactly(canonicalRow(read.row)) as Record<string, unknown>;
  throw new AppError("invalid", `Cannot export row ${stored[0]}: it was changed, ${read.problem}`, {
    hint: 'Run "spgov infra logs verify".',
  });
}

function isWanted(data: Record<string, unknown>, { since, until, session }: RowFilter): boolean {
  const at = Date.parse(String(data.created_at));
  return (since === undefined || at >= since.getTime()) &&
    (until === undefined || at < until.getTime()) &&
    (session === undefined || data.session_id === session);
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

/** Writes the rows that the filter lets through as lines of canonical JSON, oldest first; answers their number. */
export async function exportRows(
  sql: Sql,
  filter: RowFilter,
  write: (line: string) => Promise<void> | void,
): Promise<number> {
  await prepareLongRead(sql);
  let count = 0;
  let after: { epoch: string; id: string } | undefined;
  while (true) {
    const page = await listRowsAfter(sql, filter, after, PAGE);
    for (const stored of page) await write(canonicalJson(dataOf(stored)) + "\n");
    count += page.length;
    const [id, epoch] = page.at(-1) ?? [];
    if (page.length < PAGE || !id || !epoch) return count;
    after = { id, epoch };
  }
}
