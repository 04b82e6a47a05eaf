import { MIGRATIONS, migrationStatus } from "../../../db/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function migrationsHistory(
  this: CliContext,
  _: object,
  extension: string,
): Promise<void> {
  if (extension !== "core") {
    throw new AppError("not_found", `Cannot find the extension ${JSON.stringify(extension)}`, {
      hint: 'There is "core".',
    });
  }
  const { sql } = await openDatabase(this);
  const { applied } = await migrationStatus(sql, MIGRATIONS);
  const rows = applied.map(({ appliedAt, ...row }) => ({ ...row, applied_at: appliedAt }));
  this.out.table({
    kind: "db.migrations_history",
    data: { extension_id: extension, migrations: rows },
    rows,
    columns: ["version", "name", "applied_at", "checksum"],
    empty: "Nothing has been migrated yet.",
  });
}
