import { getFacts, listTables } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { formatBytes } from "../../output/cell.ts";
import { cardView, tableView } from "../../output/view.ts";
import { countTables } from "./table_rows.ts";

interface Flags {
  readonly limit: number;
}

export default async function size(this: CliContext, { limit }: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { sizeBytes } = await getFacts(sql);
  const tables = await listTables(sql);
  const largest = tables.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, limit);
  const rows = (await countTables(sql, largest)).map((table) => ({
    name: table.name,
    size: formatBytes(table.size_bytes),
    size_bytes: table.size_bytes,
    rows: table.row_count,
  }));
  this.out.report({
    kind: "db.size",
    data: {
      database_size: formatBytes(sizeBytes),
      database_size_bytes: sizeBytes,
      table_count: tables.length,
      largest_tables: rows,
    },
    views: [
      cardView({ database: formatBytes(sizeBytes), tables: tables.length }),
      tableView(["name", { label: "SIZE", of: (row) => row.size, align: "right" }, "rows"], rows),
    ],
  });
}
