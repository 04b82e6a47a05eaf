import { getFacts, listTables } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { formatBytes } from "../../output/cell.ts";
import { cardView, listView } from "../../output/view.ts";

export default async function info(this: CliContext): Promise<void> {
  const database = await openDatabase(this);
  const facts = await getFacts(database.sql);
  const tables = (await listTables(database.sql)).map(({ name }) => name);
  const data = {
    version: facts.version,
    database: facts.database,
    size: facts.sizeBytes,
    table_count: tables.length,
    tables,
    kind: database.kind,
    user: facts.currentUser,
    started_at: facts.startedAt,
  };
  const { tables: _tables, ...fields } = data;
  this.out.report({
    kind: "db.info",
    data,
    views: [
      cardView({ ...fields, size: formatBytes(facts.sizeBytes) }),
      listView(tables, "Tables"),
    ],
  });
}
