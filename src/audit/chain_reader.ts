import type { Sql } from "../db/mod.ts";
import { timeOf } from "./row_check.ts";
import { listBatches, listRows, type StoredBatch, type StoredRow } from "./verify_store.ts";

const BATCH_PAGE = 512;
const ROWS_AT_ONCE = 512;

/** Some batches and the rows that they hold, by id. */
export interface Group {
  readonly batches: readonly StoredBatch[];
  readonly rows: ReadonlyMap<string, StoredRow>;
}

/**
 * The batches of `writer` after number `after` up to `last`, in pieces of some hundred rows. The next
 * piece is being read while the caller works on one.
 */
export async function* readChain(
  sql: Sql,
  writer: string,
  after: number,
  last: number,
): AsyncGenerator<Group> {
  yield* ahead(groups(sql, writer, after, last));
}

async function* groups(
  sql: Sql,
  writer: string,
  after: number,
  last: number,
): AsyncGenerator<Group> {
  for await (const page of ahead(pages(sql, writer, after, last))) {
    let batches: StoredBatch[] = [];
    let count = 0;
    for (const batch of page) {
      batches.push(batch);
      count += batch.rowIds.length;
      if (count < ROWS_AT_ONCE && batch !== page.at(-1)) continue;
      yield { batches, rows: await rowsOf(sql, batches.flatMap(({ rowIds }) => rowIds)) };
      batches = [];
      count = 0;
    }
  }
}

async function* pages(
  sql: Sql,
  writer: string,
  after: number,
  last: number,
): AsyncGenerator<StoredBatch[]> {
  for (let from = after;;) {
    const page = await listBatches(sql, writer, from, last, BATCH_PAGE);
    if (page.length > 0) yield page;
    from = page.at(-1)?.batch ?? from;
    if (page.length < BATCH_PAGE || Number.isNaN(from)) return;
  }
}

/** Rows by id. The time in the ids spares the partitions; what is not found by it is looked for everywhere. */
async function rowsOf(sql: Sql, rowIds: readonly string[]): Promise<Map<string, StoredRow>> {
  // A null that somebody put into the skeleton arrives as an empty text.
  const ids = rowIds.filter((id) => id !== "");
  const rows = new Map<string, StoredRow>();
  const period = periodOf(ids);
  if (period) { for (const row of await listRows(sql, ids, period)) rows.set(row[0] ?? "", row); }
  const missing = ids.filter((id) => !rows.has(id));
  if (missing.length > 0) {
    for (const row of await listRows(sql, missing)) rows.set(row[0] ?? "", row);
  }
  return rows;
}

/** The year 2200: an id beyond is none of ours. */
const LATEST = 7_258_118_400_000;

function periodOf(ids: readonly string[]): { from: Date; to: Date } | undefined {
  const times = ids.map(timeOf);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  return to < LATEST && from <= to ? { from: new Date(from), to: new Date(to) } : undefined;
}

/** Asks the source for the next value while the last one is worked on. */
async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  while (true) {
    const { value, done } = await next;
    if (done) return;
    next = source.next();
    next.catch(() => undefined);
    yield value;
  }
}
