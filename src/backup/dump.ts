import { MIGRATIONS, migrationStatus, type Pool, type Sql } from "../db/mod.ts";
import { encodeFrame } from "./frames.ts";
import type { Manifest, TableFacts } from "./manifest.ts";
import {
  listLeaves,
  listPartitions,
  listSequences,
  listTables,
  type Page,
  readPage,
  readServer,
} from "./schema_store.ts";

export interface DumpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of rows so far and the table that is read. */
  readonly onProgress?: ((rows: number, table: string) => void) | undefined;
}

/** Everything in the database as it was at one moment, as frames. Holds up nobody who writes. */
export async function* dump(
  pool: Pool,
  { signal, onProgress }: DumpOptions,
): AsyncGenerator<Uint8Array> {
  const sql = await pool.reserve();
  try {
    await sql`begin isolation level repeatable read read only`;
    await sql`set local statement_timeout = 0`;
    const manifest = await readManifest(sql);
    yield encodeFrame("manifest", manifest);
    let total = 0;
    for (const table of manifest.tables) {
      yield encodeFrame("table", table);
      let rows = 0;
      for await (const page of pagesOf(sql, table)) {
        signal?.throwIfAborted();
        rows += page.rows;
        onProgress?.(total + rows, table.name);
        yield encodeFrame("rows", new TextEncoder().encode(page.text));
      }
      yield encodeFrame("end", { table: table.name, rows });
      total += rows;
    }
    yield encodeFrame("done", { tables: manifest.tables.length, rows: total });
    await sql`rollback`;
  } finally {
    sql.release();
  }
}

async function readManifest(sql: Sql): Promise<Manifest> {
  const { now, version } = await readServer(sql);
  const { applied } = await migrationStatus(sql, MIGRATIONS);
  return {
    taken_at: now.toISOString(),
    server: version,
    migrations: applied.map(({ version, name, checksum }) => ({ version, name, checksum })),
    tables: await listTables(sql),
    partitions: await listPartitions(sql),
    sequences: await listSequences(sql),
  };
}

const PAGE_CHARACTERS = 4 * 1024 * 1024;
const MOST_BLOCKS = 1024;

/**
 * The rows of a table, each part of it block by block: pages of a few megabytes, whatever the rows are like.
 * COPY would be quicker, but the driver's stream of it stands still for ever once its reader was slower.
 */
async function* pagesOf(sql: Sql, { name, columns }: TableFacts): AsyncGenerator<Page> {
  let step = 8;
  for (const leaf of await listLeaves(sql, name)) {
    for (let from = 0; from < leaf.blocks;) {
      const page = await readPage(sql, leaf.name, columns, from, from + step);
      from += step;
      if (page.rows > 0) yield page;
      if (page.text.length > PAGE_CHARACTERS) step = Math.max(1, step >> 1);
      else if (page.text.length < PAGE_CHARACTERS / 4) step = Math.min(MOST_BLOCKS, step * 2);
    }
  }
}
