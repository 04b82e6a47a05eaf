import { checkDurability, getFacts, listTables } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { formatBytes } from "../../output/cell.ts";

export default async function status(this: CliContext): Promise<void> {
  const database = await openDatabase(this);
  const facts = await getFacts(database.sql);
  const tables = await listTables(database.sql);
  const weak = await checkDurability(database.sql);
  const data = {
    status: weak.length === 0 ? "ok" : "not_durable",
    version: facts.version,
    tables: tables.length,
    size: facts.sizeBytes,
    kind: database.kind,
    database: database.description,
    weak_settings: weak,
  };
  this.out.card({
    kind: "db.status",
    data,
    fields: {
      ...data,
      size: formatBytes(facts.sizeBytes),
      weak_settings: weak.map(({ setting, value, where }) => `${setting}=${value} (${where})`),
    },
  });
  if (weak.length > 0) this.setExit(EXIT.invalid);
}
