import { openReader } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { reachDatabase } from "../../database.ts";

interface Flags {
  readonly limit: number;
  readonly offset: number;
  readonly timeout: number;
}

export default async function query(this: CliContext, flags: Flags, text: string): Promise<void> {
  const { weakest } = await reachDatabase(this);
  const reader = openReader(weakest, { timeoutMs: flags.timeout });
  this.defer(() => reader.close());
  const result = await reader.read(text, { limit: flags.limit, offset: flags.offset });
  const { columns, rows, truncated } = result;
  this.out.table({
    kind: "db.query",
    data: { columns, rows, row_count: rows.length, execution_time_ms: result.executionMs },
    rows,
    columns: columns.map((label) => ({
      label,
      of: (row: Readonly<Record<string, unknown>>) => row[label],
    })),
    empty: "No row.",
    hints: { truncated },
  });
  if (truncated) this.out.note(`More than ${flags.limit} rows: use --limit or --offset.`);
}
