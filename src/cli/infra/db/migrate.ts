import { migrate as applyMigrations, MIGRATIONS } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function migrate(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this, { create: true, statementTimeoutMs: 0 });
  const { applied, current } = await applyMigrations(sql, MIGRATIONS);
  const names = applied.map(({ version, name }) => `${String(version).padStart(4, "0")}_${name}`);
  const message = names.length === 0
    ? `The database is up to date at ${current}`
    : `Applied ${names.length}; the database is at ${current}`;
  this.out.card({
    kind: "db.migrate",
    data: {
      modules_installed: names.length === 0 ? [] : ["core"],
      migrations_applied: names,
      current,
      message,
    },
  });
}
