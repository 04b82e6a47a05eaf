import type { Pool, Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { type Frame, type FrameKind, objectOf } from "./frames.ts";
import type { Manifest, TableFacts } from "./manifest.ts";
import {
  clearTable,
  insertRows,
  listForeignKeys,
  listPartitions,
  listTables,
  makeAuditPartition,
  makePartition,
  setSequence,
  setTriggers,
} from "./schema_store.ts";

/** What was read, or restored. */
export interface Contents {
  readonly manifest: Manifest;
  readonly rows: number;
}

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((rows: number, table: string) => void) | undefined;
}

/** Takes rows of a table, a JSON array of objects, and answers how many they were; undefined when it does not count. */
type Take = (table: TableFacts, rows: string) => Promise<number | undefined>;

/** The manifest at the beginning of a content. Throws `invalid`. */
export async function readManifest(frames: AsyncGenerator<Frame>): Promise<Manifest> {
  const { value: frame } = await frames.next();
  if (frame?.kind === "manifest") return objectOf<Manifest>(frame);
  throw new AppError("invalid", "It does not begin with what it holds");
}

/** Reads a content to its end and checks it, without a database. */
export async function checkContents(
  frames: AsyncGenerator<Frame>,
  options: LoadOptions = {},
): Promise<Contents> {
  const manifest = await readManifest(frames);
  return { manifest, rows: await readTables(frames, () => Promise.resolve(undefined), options) };
}

/**
 * Puts the rows behind `manifest` into a database that the same migrations made, in one transaction: all of
 * them or none. Needs the owner.
 */
export async function loadTables(
  pool: Pool,
  manifest: Manifest,
  frames: AsyncGenerator<Frame>,
  options: LoadOptions,
): Promise<number> {
  return await pool.begin(async (sql) => {
    await sql`set local statement_timeout = 0`;
    await makePartitions(sql, manifest);
    const tables = await checkTables(sql, manifest);
    const keys = await listForeignKeys(sql);
    for (const { drop } of keys) await sql.unsafe(drop);
    for (const { name } of tables) await setTriggers(sql, name, false);
    for (const { name } of tables) await clearTable(sql, name);
    const rows = await readTables(frames, (table, rows) => insertRows(sql, table, rows), options);
    for (const { name } of tables) await setTriggers(sql, name, true);
    for (const { add } of keys) await sql.unsafe(add);
    for (const sequence of manifest.sequences) await setSequence(sql, sequence);
    return rows;
  }) as number;
}

async function makePartitions(sql: Sql, { partitions }: Manifest): Promise<void> {
  const present = new Set((await listPartitions(sql)).map(({ name }) => name));
  for (const partition of partitions.filter(({ name }) => !present.has(name))) {
    if (partition.parent === "audit") await makeAuditPartition(sql, partition);
    else await makePartition(sql, partition);
  }
}

async function checkTables(sql: Sql, { tables }: Manifest): Promise<readonly TableFacts[]> {
  const known = new Map(
    (await listTables(sql)).map(({ name, columns }) => [name, String(columns)]),
  );
  for (const { name, columns } of tables) {
    if (known.get(name) === String(columns)) continue;
    throw new AppError("conflict", `It holds a table "${name}" that this program does not make`);
  }
  return tables;
}

async function readTables(
  frames: AsyncGenerator<Frame>,
  take: Take,
  { signal, onProgress }: LoadOptions,
): Promise<number> {
  let total = 0;
  for (
    let frame = await nextFrame(frames);
    frame.kind !== "done";
    frame = await nextFrame(frames)
  ) {
    expectKind(frame, "table");
    const table = objectOf<TableFacts>(frame);
    const rows = await readRows(frames, table, take, signal);
    total += rows;
    onProgress?.(total, table.name);
  }
  if (!(await frames.next()).done) throw new AppError("invalid", "Something follows its end");
  return total;
}

/** The rows of one table, up to its end, which says how many there are. */
async function readRows(
  frames: AsyncGenerator<Frame>,
  table: TableFacts,
  take: Take,
  signal: AbortSignal | undefined,
): Promise<number> {
  let taken: number | undefined = 0;
  let part = await nextFrame(frames);
  for (; part.kind === "rows"; part = await nextFrame(frames)) {
    signal?.throwIfAborted();
    const count = await take(table, new TextDecoder().decode(part.bytes));
    taken = count === undefined || taken === undefined ? undefined : taken + count;
  }
  expectKind(part, "end");
  const { rows } = objectOf<{ rows: number }>(part);
  if (rows === 0 || taken === undefined || taken === rows) return rows;
  throw new AppError("invalid", `"${table.name}" took ${taken} rows, the backup has ${rows}`);
}

async function nextFrame(frames: AsyncGenerator<Frame>): Promise<Frame> {
  const { value, done } = await frames.next();
  if (done) throw new AppError("invalid", "It was cut short");
  return value;
}

function expectKind({ kind }: Frame, expected: FrameKind): void {
  if (kind !== expected) {
    throw new AppError("invalid", `It has "${kind}" where "${expected}" was due`);
  }
}
