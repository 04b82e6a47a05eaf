import type { DatabaseAddress } from "../kernel/database_address.ts";
import { openPool, type Pool } from "./pool.ts";
import { valueOf } from "./text_value.ts";

export interface ReadOptions {
  /** At most this many rows. */
  readonly limit: number;
  /** Rows to skip first. */
  readonly offset: number;
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

/** Runs statements that are not ours. */
export interface Reader {
  /**
   * Runs one statement so that it can only read, whatever it is: it goes alone (no second statement behind a
   * `;`), in a read-only transaction that has taken its snapshot (it cannot be made writable any more), as the
   * role `spgov_read`. No word of it is looked at. Errors are PostgreSQL's own.
   */
  read(text: string, options: ReadOptions): Promise<ReadResult>;
  /** Ends what still runs, and the connection. */
  close(): Promise<void>;
}

/**
 * Opens a connection for reading.
 *
 * @param address A login that is no superuser where that can be had: the role can be given back by `reset role`.
 */
export function openReader(
  address: DatabaseAddress,
  { timeoutMs }: { readonly timeoutMs: number },
): Reader {
  const pool = openPool(address, {
    max: 1,
    applicationName: "spgov query",
    connectTimeoutSeconds: 5,
    statementTimeoutMs: timeoutMs,
    columnNames: "as-is",
  });
  return {
    read: (text, options) => readIn(pool, text, options),
    close: () => pool.end({ timeout: 0 }),
  };
}

async function readIn(pool: Pool, text: string, options: ReadOptions): Promise<ReadResult> {
  const rows = createRows(options);
  const started = performance.now();
  try {
    await pool.begin("read only", async (sql) => {
      await sql`select set_config('role', 'spgov_read', true)`;
      // Not as a simple query: only there could several statements stand in one text.
      const query = sql.unsafe(text, [], { simple: false } as object).raw();
      const each = (row: unknown, result: unknown): void => {
        if (rows.add(row as RawRow, result as RawResult) === "full") query.cancel();
      };
      rows.begin(await query.forEach(each as (row: object) => void) as unknown as RawResult);
    });
  } catch (error) {
    // Enough was read: that the statement was cancelled then is our own doing.
    if (!rows.done().truncated) throw error;
  }
  return { ...rows.done(), executionMs: Math.round((performance.now() - started) * 1000) / 1000 };
}

type RawRow = readonly (Uint8Array | null)[];

interface RawResult {
  readonly columns?: readonly RawColumn[];
}

interface Rows {
  /** Learns the columns, also of a result without a row. */
  begin(result: RawResult): void;
  /** `full` as soon as a row came that is one too many. */
  add(row: RawRow, result: RawResult): "taken" | "full";
  done(): Pick<ReadResult, "columns" | "rows" | "truncated">;
}

function createRows({ limit, offset }: ReadOptions): Rows {
  const rows: Record<string, unknown>[] = [];
  let columns: readonly RawColumn[] = [];
  let names: readonly string[] = [];
  let seen = 0;
  let truncated = false;
  function begin(result: RawResult): void {
    if (names.length > 0) return;
    columns = result.columns ?? [];
    names = unique(columns.map(({ name }) => name));
  }
  return {
    begin,
    add(row, result) {
      begin(result);
      if (seen++ < offset) return "taken";
      truncated ||= rows.length === limit;
      if (truncated) return "full";
      rows.push(rowOf(names, columns, row));
      return "taken";
    },
    done: () => ({ columns: names, rows, truncated }),
  };
}

const decoder = new TextDecoder();

function rowOf(
  names: readonly string[],
  columns: readonly RawColumn[],
  values: RawRow,
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
