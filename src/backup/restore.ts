import {
  migrate,
  type Migration,
  migrationChecksum,
  MIGRATIONS,
  openPool,
  type Pool,
} from "../db/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { AppError } from "../kernel/errors.ts";
import {
  countUsers,
  createDatabase,
  dropDatabase,
  hasTables,
  listLeftovers,
  renameDatabases,
} from "./database_store.ts";
import { type BackupKey, readBackup } from "./file.ts";
import {
  checkContents,
  type Contents,
  type LoadOptions,
  loadTables,
  readManifest,
} from "./load.ts";
import type { Manifest } from "./manifest.ts";

export interface RestoreOptions extends LoadOptions {
  readonly key: BackupKey;
  readonly now: Date;
}

export interface Restored extends Contents {
  /** When the backup was made, RFC 3339. */
  readonly createdAt: string;
  /** The database that was there before, under its new name; undefined where that was empty. */
  readonly before: string | undefined;
}

/** Reads a backup to its end. Throws like `restoreBackup`, and touches no database. */
export async function checkBackup(
  path: string,
  { key, ...options }: Omit<RestoreOptions, "now">,
): Promise<Contents & { readonly createdAt: string }> {
  return await readBackup(path, key, async ({ header, frames }) => {
    const contents = await checkContents(frames, options);
    migrationsOf(contents.manifest);
    return { ...contents, createdAt: header.created_at };
  });
}

/**
 * Restores a backup into a new database and, when it is whole, puts that in the place of the one at `owner`, which
 * is kept under another name unless it was empty. Until then nothing is touched, and what fails leaves nothing.
 * The owner may create databases, and nobody else is connected. Throws `conflict` when somebody is or the
 * backup is of a newer program, `invalid` for a backup that cannot be used.
 */
export async function restoreBackup(
  owner: DatabaseAddress,
  path: string,
  options: RestoreOptions,
): Promise<Restored> {
  const admin = openPool({ ...owner, database: "postgres" }, {
    max: 1,
    applicationName: "spgov restore",
  });
  try {
    await refuseUsers(admin, owner.database);
    for (const name of await listLeftovers(admin, owner.database)) await dropDatabase(admin, name);
    const scratch = `${owner.database}_restore_${crypto.randomUUID().slice(0, 8)}`;
    await createDatabase(admin, scratch, owner.database);
    try {
      const contents = await fill({ ...owner, database: scratch }, path, options);
      const before = await swap(admin, owner, scratch, options.now);
      return { ...contents, before };
    } catch (error) {
      await dropDatabase(admin, scratch).catch(() => undefined);
      throw error;
    }
  } finally {
    await admin.end({ timeout: 1 });
  }
}

async function refuseUsers(admin: Pool, database: string): Promise<void> {
  const users = await countUsers(admin, database);
  if (users === 0) return;
  throw new AppError(
    "conflict",
    `Cannot restore: ${users} connections use the database "${database}"`,
    {
      hint: 'Run "spgov stop" first, at every replica.',
    },
  );
}

async function fill(
  scratch: DatabaseAddress,
  path: string,
  { key, ...options }: RestoreOptions,
): Promise<Contents & { readonly createdAt: string }> {
  const sql = openPool(scratch, { max: 1, applicationName: "spgov restore" });
  try {
    return await readBackup(path, key, async ({ header, frames }) => {
      const manifest = await readManifest(frames);
      await migrate(sql, migrationsOf(manifest));
      const rows = await loadTables(sql, manifest, frames, options);
      return { manifest, rows, createdAt: header.created_at };
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The migrations that made the tables of a backup. Throws `conflict` when this program does not have them. */
function migrationsOf({ migrations }: Manifest): readonly Migration[] {
  const known = MIGRATIONS.slice(0, migrations.length);
  for (const [index, { version, name, checksum }] of migrations.entries()) {
    const own = known[index];
    if (own && own.version === version && migrationChecksum(own) === checksum) continue;
    const isNewer = own === undefined;
    throw new AppError(
      "conflict",
      isNewer
        ? `It was made by a newer program: this one does not know migration ${version} "${name}"`
        : `Its migration ${version} "${name}" differs from this program's`,
      { hint: "Restore with the version that made the backup, or a newer one." },
    );
  }
  return known;
}

/** Puts the restored database in its place, in one transaction. */
async function swap(
  admin: Pool,
  owner: DatabaseAddress,
  scratch: string,
  now: Date,
): Promise<string | undefined> {
  const wasUsed = await hadTables(owner);
  await refuseUsers(admin, owner.database);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "").toLowerCase();
  const before = `${owner.database}_before_${stamp}`;
  await renameDatabases(admin, [[owner.database, before], [scratch, owner.database]]);
  if (wasUsed) return before;
  await dropDatabase(admin, before);
  return undefined;
}

async function hadTables(owner: DatabaseAddress): Promise<boolean> {
  const sql = openPool(owner, { max: 1, applicationName: "spgov restore" });
  try {
    return await hasTables(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
