import { countRows, type Sql, type TableFacts } from "../../../db/mod.ts";

/** Above this a table is not counted but estimated: counting reads all of it. */
const COUNT_BELOW_BYTES = 64 * 1024 * 1024;

export interface CountedTable {
  readonly name: string;
  readonly schema: string;
  readonly row_count: number;
  /** True: the server's estimate, which may be off by some percent. */
  readonly row_count_estimated: boolean;
  readonly size_bytes: number;
  readonly kind: TableFacts["kind"];
}

/** Tables with their rows: counted where that is cheap, else estimated. */
export async function countTables(
  sql: Sql,
  tables: readonly TableFacts[],
): Promise<CountedTable[]> {
  const counted: CountedTable[] = [];
  for (const table of tables) {
    const { name, schema, kind, sizeBytes, estimatedRows } = table;
    const estimated = sizeBytes >= COUNT_BELOW_BYTES && estimatedRows !== null;
    counted.push({
      name,
      schema,
      row_count: estimated ? estimatedRows : await countRows(sql, table),
      row_count_estimated: estimated,
      size_bytes: sizeBytes,
      kind,
    });
  }
  return counted;
}
