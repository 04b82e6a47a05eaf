import { countRows, listColumns, listIndexes } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { tableView } from "../../output/view.ts";
import { getRelation, shortName } from "./relation.ts";

export default async function describe(this: CliContext, _: object, table: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const relation = await getRelation(sql, table);
  const rowCount = await countRows(sql, relation);
  const columns = (await listColumns(sql, relation))
    .map(({ primaryKey, ...column }) => ({ ...column, primary_key: primaryKey }));
  const indexes = (await listIndexes(sql, relation))
    .map(({ name, columns, unique }) => ({ name, columns, unique }));
  const name = shortName(relation);
  this.out.report({
    kind: "db.describe",
    data: { table: name, row_count: rowCount, columns, indexes },
    views: [
      tableView(
        ["name", "type", "nullable", "default", "primary_key"],
        columns,
        `Table ${name}, ${rowCount} rows`,
      ),
      tableView(["name", "columns", "unique"], indexes, "Indexes"),
    ],
  });
}
