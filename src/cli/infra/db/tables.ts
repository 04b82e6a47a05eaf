import { listTables } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { formatBytes } from "../../output/cell.ts";
import { countTables } from "./table_rows.ts";

interface Flags {
  readonly filter?: string;
  readonly partitions: boolean;
}

export default async function tables(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await listTables(sql, { withPartitions: flags.partitions });
  const wanted = found.filter(({ name }) => name.includes(flags.filter ?? ""));
  const rows = await countTables(sql, wanted);
  this.out.table({
    kind: "db.tables",
    data: { tables: rows, total: rows.length },
    rows,
    columns: [
      "name",
      "schema",
      "kind",
      {
        label: "ROWS",
        of: (row) => `${row.row_count_estimated ? "~" : ""}${row.row_count}`,
        align: "right",
      },
      { label: "SIZE", of: (row) => formatBytes(row.size_bytes), align: "right" },
    ],
    empty: "No table.",
  });
}
