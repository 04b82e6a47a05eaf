import { MIGRATIONS, migrationStatus } from "../../../db/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { tableView, textView } from "../../output/view.ts";

export default async function migrationsStatus(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const { applied, pending } = await migrationStatus(sql, MIGRATIONS);
  const core = {
    extension_id: "core",
    is_required: true,
    total_defined: MIGRATIONS.length,
    total_applied: applied.length,
    pending_count: pending.length,
    pending_versions: pending.map(({ version }) => version),
  };
  this.out.report({
    kind: "db.migrations_status",
    data: { extensions: [core], total_pending: pending.length, total_applied: applied.length },
    views: [
      tableView(
        ["extension_id", "total_defined", "total_applied", "pending_count", "pending_versions"],
        [core],
      ),
      textView(
        pending.length === 0 ? "" : 'Run "spgov infra db migrate" to apply what is pending.',
      ),
    ],
  });
}
