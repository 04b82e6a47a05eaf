import { isAbsolute, join } from "node:path";
import { backupName, isBackupName, writeBackup } from "../../../backup/mod.ts";
import { backupsOf } from "../../../kernel/home.ts";
import { recordAdmin } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { formatBytes } from "../../output/cell.ts";
import { findProfile } from "../../profile.ts";
import { openBackupKey } from "./backup_key.ts";

interface Flags {
  readonly output?: string;
  readonly list: boolean;
}

export default async function backup(this: CliContext, flags: Flags): Promise<void> {
  const folder = backupsOf(this.home, (await findProfile(this))?.backups.folder);
  if (flags.list) return await list(this, folder);
  const now = new Date(this.clock.now());
  const path = await pathOf(this, flags.output, folder, now);
  const key = await openBackupKey(this);
  const { sql } = await openDatabase(this, { statementTimeoutMs: 0 });
  const { bytes, rows } = await writeBackup(sql, path, {
    key,
    now,
    signal: this.signal,
    onProgress: (count, table) => this.out.progress(`${count} rows, ${table}`),
  });
  await sql.begin((tx) =>
    recordAdmin(this, tx, {
      target: "cli:infra db backup",
      decision: "ok",
      detail: { path, bytes, rows },
    })
  );
  this.out.card({
    kind: "db.backup",
    data: { path, size_bytes: bytes, rows, created_at: now },
    fields: { path, size: formatBytes(bytes), rows, created_at: now },
  });
  this.out.note("The master key is not in it: keep that apart from it.");
}

async function pathOf(
  { cwd }: CliContext,
  output: string | undefined,
  folder: string,
  now: Date,
): Promise<string> {
  if (output === undefined) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, backupName(now));
  }
  const path = isAbsolute(output) ? output : join(cwd, output);
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory ? join(path, backupName(now)) : path;
}

async function list({ out }: CliContext, folder: string): Promise<void> {
  const rows: { path: string; size_bytes: number; written_at: Date | null }[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const { size, mtime } = await Deno.stat(path);
    rows.push({ path, size_bytes: size, written_at: mtime });
  }
  out.table({
    kind: "db.backups",
    rows,
    columns: ["path", {
      label: "SIZE",
      of: (row) => formatBytes(row.size_bytes),
      align: "right",
    }, "written_at"],
    data: { folder, backups: rows, total: rows.length },
    empty: `No backup in ${folder}.`,
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return names.filter(isBackupName).sort().reverse();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
