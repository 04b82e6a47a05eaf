import { createHash } from "node:crypto";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Pool, Sql } from "./pool.ts";

/** One numbered step of the database's schema. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** What `schema_migrations` holds of a step. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly appliedAt: Date;
}

/** What `migrate` did. */
export interface MigrationResult {
  /** What this call applied, in order; empty when there was nothing to do. */
  readonly applied: readonly AppliedMigration[];
  /** The database's version afterwards; 0 for none. */
  readonly current: number;
}

/** Where a database stands. */
export interface MigrationState {
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly Migration[];
  readonly current: number;
}

/** Any constant will do, as long as nothing else in the database locks it. */
const LOCK = 0x7370_676f;

const FILE = /^(\d{4})_([a-z0-9_]+)\.sql$/;

/** The migration in a file such as `0001_audit.sql`. Throws `AppError("invalid")` for another name. */
export function migrationOf(file: string, sql: string): Migration {
  const [, version, name] = FILE.exec(file) ?? [];
  if (version !== undefined && name !== undefined) return { version: Number(version), name, sql };
  throw new AppError("invalid", `The migration "${file}" is not named like 0001_audit.sql`);
}

/** SHA-256 of a migration's text, the same for every kind of line end. */
export function migrationChecksum(migration: Migration): string {
  return createHash("sha256").update(migration.sql.replaceAll("\r\n", "\n")).digest("hex");
}

function inOrder(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = migrations.toSorted((a, b) => a.version - b.version);
  sorted.forEach((migration, index) => {
    if (migration.version === index + 1) return;
    throw new AppError(
      "invalid",
      `Migrations are numbered 1, 2, 3 …; "${migration.name}" has number ${migration.version} where ${
        index + 1
      } was due`,
    );
  });
  return sorted;
}

async function listApplied(sql: Sql): Promise<AppliedMigration[]> {
  const [found] = await sql`select to_regclass('schema_migrations') is not null as present`;
  if (!found?.present) return [];
  return await sql<AppliedMigration[]>`
    select version, name, checksum, applied_at from schema_migrations order by version`;
}

/** Refuses a database that this program does not know. */
function compare(applied: readonly AppliedMigration[], known: readonly Migration[]): void {
  for (const row of applied) {
    const migration = known[row.version - 1];
    if (migration === undefined) {
      throw new AppError(
        "conflict",
        `The database has migration ${row.version} "${row.name}", this program only knows ${known.length}: it is older than the database`,
        { hint: "Run the version of the program that migrated the database, or a newer one." },
      );
    }
    if (migrationChecksum(migration) !== row.checksum) {
      throw new AppError(
        "invalid",
        `Migration ${row.version} "${row.name}" differs from what was applied on ${row.appliedAt.toISOString()}`,
        { hint: "An applied migration never changes; put the change into a new one." },
      );
    }
  }
}

async function prepare(sql: Sql): Promise<readonly AppliedMigration[]> {
  await sql`set local statement_timeout = 0`;
  await sql`set local lock_timeout = 0`;
  await sql`select pg_advisory_xact_lock(${LOCK})`;
  await sql`
    create table if not exists schema_migrations (
      version    integer     primary key,
      name       text        not null,
      checksum   text        not null,
      applied_at timestamptz not null default clock_timestamp()
    )`;
  return await listApplied(sql);
}

/** Applies the next migration, if any, in a transaction of its own. */
async function applyNext(
  pool: Pool,
  known: readonly Migration[],
): Promise<AppliedMigration | undefined> {
  return await pool.begin(async (sql) => {
    const applied = await prepare(sql);
    compare(applied, known);
    const next = known[applied.length];
    if (next === undefined) return undefined;
    await sql.unsafe(next.sql).simple().catch((cause) => {
      throw new AppError(
        "invalid",
        `Migration ${next.version} "${next.name}" failed: ${messageOf(cause)}`,
        { cause },
      );
    });
    const [row] = await sql<AppliedMigration[]>`
      insert into schema_migrations (version, name, checksum)
      values (${next.version}, ${next.name}, ${migrationChecksum(next)})
      returning version, name, checksum, applied_at`;
    return row;
  }) as AppliedMigration | undefined;
}

/**
 * Brings the database up to the newest migration, each in its own transaction. Programs that start at
 * the same time wait for each other. Throws `AppError("conflict")` for a database that is newer than this
 * program and `AppError("invalid")` for a changed or failing migration; what was applied before stays.
 */
export async function migrate(
  pool: Pool,
  migrations: readonly Migration[],
): Promise<MigrationResult> {
  const known = inOrder(migrations);
  const state = await migrationStatus(pool, known);
  const applied: AppliedMigration[] = [];
  if (state.pending.length === 0) return { applied, current: state.current };
  for (;;) {
    const next = await applyNext(pool, known);
    if (next === undefined) return { applied, current: known.length };
    applied.push(next);
  }
}

/** What is applied and what is pending, without changing anything. Throws like `migrate`. */
export async function migrationStatus(
  sql: Sql,
  migrations: readonly Migration[],
): Promise<MigrationState> {
  const known = inOrder(migrations);
  const applied = await listApplied(sql);
  compare(applied, known);
  return { applied, pending: known.slice(applied.length), current: applied.at(-1)?.version ?? 0 };
}
