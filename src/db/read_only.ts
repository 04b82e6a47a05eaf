import type { DatabaseAddress } from "./address.ts";
import { openPool, type Pool } from "./pool.ts";
import { valueOf } from "./text_value.ts";

export interface ReadOptions {
  /** At most this many rows. */
  readonly limit: number;
  /** Rows to skip first. */
  readonly offset: number;
  readonly timeoutMs: number;
}

export interface ReadResult {
  /** Names in order; one that occurs twice gets a number. */
  readonly columns: readonly string[];
  /** Values as JSON holds them without loss: exact text where a number would not be exact. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Whether there were more rows than `limit`. */
  readonly truncated: boolean;
  readonly executionMs: number;
}

interface RawColumn {
  readonly name: string;
  readonly type: number;
}

/** Rows in one round trip to the server. */
const FETCH = 1000;

/**
 * Runs one statement so that it can only read, whatever it is: it goes alone (no second statement behind a
 * `;`), in a read-only transaction that has taken its snapshot (it cannot be made writable any more), as the
 * role `spgov_read`. No word of it is looked at. Errors are PostgreSQL's own.
 *
 * @param address A login that is no superuser where that can be had: the role can be given back by `reset role`.
 */
export async function readOnly(
  address: DatabaseAddress,
  text: string,
  options: ReadOptions,
): Promise<ReadResult> {
  const pool = openPool(address, {
    max: 1,
    applicationName: "spgov query",
    connectTimeoutSeconds: 5,
    statementTimeoutMs: options.timeoutMs,
    columnNames: "as-is",
  });
  try {
    return await readIn(pool, text, options);
  } finally {
    await pool.end({ timeout: 1 });
  }
}

async function readIn(pool: Pool, text: string, options: ReadOptions): Promise<ReadResult> {
  return await pool.begin("read only", async (sql) => {
    await sql`select set_config('role', 'spgov_read', true)`;
    const started = performance.now();
    // Not as a simple query: only there could several statements stand in one text.
    const query = sql.unsafe(text, [], { simple: false } as object).raw();
    const taken = await take(query.cursor(FETCH), options);
    return { ...taken, executionMs: Math.round((performance.now() - started) * 1000) / 1000 };
  }) as ReadResult;
}

type RawRows = (Uint8Array | null)[][] & { readonly columns?: readonly RawColumn[] };

async function take(
  batches: AsyncIterable<unknown>,
  { limit, offset }: ReadOptions,
): Promise<Omit<ReadResult, "executionMs">> {
  const rows: Record<string, unknown>[] = [];
  let columns: readonly RawColumn[] = [];
  let names: string[] = [];
  let seen = 0;
  for await (const batch of batches as AsyncIterable<RawRows>) {
    if (names.length === 0) {
      columns = batch.columns ?? [];
      names = unique(columns.map(({ name }) => name));
    }
    for (const values of batch) {
      if (seen++ < offset) continue;
      if (rows.length === limit) return { columns: names, rows, truncated: true };
      rows.push(rowOf(names, columns, values));
    }
  }
  return { columns: names, rows, truncated: false };
}

const decoder = new TextDecoder();

function rowOf(
  names: readonly string[],
  columns: readonly RawColumn[],
  values: readonly (Uint8Array | null)[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name, i) => {
    const value = values[i] ?? null;
    return [name, value === null ? null : valueOf(decoder.decode(value), columns[i]?.type ?? 0)];
  }));
}

function unique(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
}
