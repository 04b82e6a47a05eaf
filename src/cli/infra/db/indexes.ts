import { listIndexes } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { formatBytes } from "../../output/cell.ts";
import { getRelation } from "./relation.ts";

interface Flags {
  readonly table?: string;
}

export default async function indexes(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const of = flags.table === undefined ? undefined : await getRelation(sql, flags.table);
  const rows = (await listIndexes(sql, of)).map((index) => ({
    table: index.table,
    name: index.name,
    columns: index.columns,
    unique: index.unique,
    valid: index.valid,
    size_bytes: index.sizeBytes,
  }));
  this.out.table({
    kind: "db.indexes",
    data: { indexes: rows, total: rows.length },
    rows,
    columns: ["table", "name", "columns", "unique", "valid", {
      label: "SIZE",
      of: (row) => formatBytes(row.size_bytes),
      align: "right",
    }],
    empty: "No index.",
  });
}
