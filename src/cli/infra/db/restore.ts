import { isAbsolute, join } from "node:path";
import { findLostChains, openCheckpoint } from "../../../audit/mod.ts";
import { type BackupKey, checkBackup, restoreBackup } from "../../../backup/mod.ts";
import { homeAt } from "../../../kernel/home.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase, reachDatabase } from "../../database.ts";
import { recordAdmin } from "../../audit.ts";
import { openBackupKey } from "./backup_key.ts";

interface Flags {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

export default async function restore(this: CliContext, flags: Flags, file: string): Promise<void> {
  const path = isAbsolute(file) ? file : join(this.cwd, file);
  const key = await openBackupKey(this);
  if (flags.dryRun) return await check(this, path, key);
  await confirm(this, "Put this backup in the place of the database?", flags.yes);
  const { owner } = await reachDatabase(this, { create: true });
  const restored = await restoreBackup(owner, path, {
    key,
    now: new Date(this.clock.now()),
    ...watching(this),
  });
  const { manifest, rows, createdAt, before } = restored;
  const lost = await record(this, { path, created_at: createdAt, rows, kept: before ?? null });
  this.out.card({
    kind: "db.restore",
    data: {
      path,
      created_at: createdAt,
      taken_at: manifest.taken_at,
      migrations: manifest.migrations.length,
      tables: manifest.tables.length,
      rows,
      database: owner.database,
      database_before: before ?? null,
      chains_behind_seals: lost,
      dry_run: false,
    },
  });
  if (lost.length > 0) {
    this.out.warn(
      'Rows that were sealed after the backup are gone: the start is refused until "spgov infra logs fork --reason ..." records why.',
    );
  }
  if (before !== undefined) {
    this.out.note(
      `What was there before is the database "${before}"; drop it when it is not needed.`,
    );
  }
}

function watching({ out, signal }: CliContext): {
  readonly signal: AbortSignal;
  onProgress(rows: number, table: string): void;
} {
  return { signal, onProgress: (rows, table) => out.progress(`${rows} rows, ${table}`) };
}

async function check(context: CliContext, path: string, key: BackupKey): Promise<void> {
  const { manifest, rows, createdAt } = await checkBackup(path, { key, ...watching(context) });
  context.out.card({
    kind: "db.restore",
    data: {
      path,
      created_at: createdAt,
      taken_at: manifest.taken_at,
      migrations: manifest.migrations.length,
      tables: manifest.tables.length,
      rows,
      dry_run: true,
    },
  });
}

/**
 * Says in the restored audit what was done, where it goes on from its last seal; otherwise the fork that the
 * operator has to decide on is what says it. Answers the chains that are behind their seals.
 */
async function record(
  context: CliContext,
  detail: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const { sql } = await openDatabase(context);
  const lost = await findLostChains(sql, openCheckpoint(homeAt(context.home).seals));
  if (lost.length === 0) {
    await sql.begin((tx) =>
      recordAdmin(context, tx, { target: "cli:infra db restore", decision: "ok", detail })
    );
  }
  return lost.map(({ writer }) => writer);
}
