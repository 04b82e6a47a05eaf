import { createHash } from "node:crypto";
import {
  migrate,
  type Migration,
  migrationChecksum,
  MIGRATIONS,
  openPool,
  type Pool,
} from "../../src/db/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import type { ServerTuning } from "../../src/postgres/mod.ts";
import { findTestServer, type TestServer } from "./test_server.ts";

/** For servers that hold small databases and many connections of parallel tests. */
export const TEST_TUNING: ServerTuning = { sharedBuffersMb: 128, maxConnections: 300 };

/** A database of a test's own, migrated. */
export interface TestDatabase {
  /** May do everything in it. */
  readonly owner: DatabaseAddress;
  /** With the rights that the migrations grant to what serves. */
  readonly serve: DatabaseAddress;
  readonly vault: DatabaseAddress;
  readonly logs: DatabaseAddress;
  readonly retention: DatabaseAddress;
  readonly read: DatabaseAddress;
  /** The owner's address as a `DATABASE_URL`. */
  readonly url: string;
  /** Removes it, also when somebody is still connected. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Default: those of the product. None for an empty database. */
  readonly migrations?: readonly Migration[];
}

const PREFIX = "spgov_test_";
const STALE_MS = 6 * 3_600_000;
/** Any constant: whoever makes the template holds it. */
const TEMPLATE_LOCK = 0x7465_7374;

/** The address in the form of `DATABASE_URL`. */
export function urlOf(address: DatabaseAddress): string {
  const url = new URL("postgres://localhost");
  url.username = encodeURIComponent(address.user);
  url.password = encodeURIComponent(address.password ?? "");
  url.port = `${address.port}`;
  url.pathname = address.database;
  if (address.host.startsWith("/")) url.searchParams.set("host", address.host);
  else url.hostname = address.host;
  if (address.tls) url.searchParams.set("sslmode", address.tls.mode);
  if (address.role) url.searchParams.set("role", address.role);
  return url.href;
}

async function withAdmin<T>(admin: DatabaseAddress, work: (sql: Pool) => Promise<T>): Promise<T> {
  const sql = openPool(admin, { max: 1, applicationName: "tests" });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Text is UTF-8 whatever the server's default is. */
async function createEmpty(sql: Pool, name: string): Promise<void> {
  const [row] = await sql`
    select pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'template0'`;
  const form = row?.encoding === "UTF8" ? "" : " encoding 'UTF8' locale 'C'";
  await sql.unsafe(`create database "${name}" template template0${form}`);
}

/** One database per set of migrations, copied for each test: copying is faster than migrating. */
async function ensureTemplate(
  sql: Pool,
  { admin }: TestServer,
  migrations: readonly Migration[],
): Promise<string> {
  const hash = createHash("sha256").update(migrations.map(migrationChecksum).join());
  const name = `spgov_template_${hash.digest("hex").slice(0, 16)}`;
  await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
  try {
    const [found] = await sql`select 1 as one from pg_database where datname = ${name}`;
    if (found) return name;
    const draft = `${name}_new`;
    await sql.unsafe(`drop database if exists "${draft}" with (force)`);
    await createEmpty(sql, draft);
    await withAdmin({ ...admin, database: draft }, (fresh) => migrate(fresh, migrations));
    await sql.unsafe(`alter database "${draft}" rename to "${name}"`);
    return name;
  } finally {
    await sql`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
  }
}

function newName(): string {
  return `${PREFIX}${Date.now().toString(36)}_${crypto.randomUUID().slice(0, 8)}`;
}

/** Makes a database. `drop()` it at the end; see `withDatabase` and `databaseForFile`, which do. */
export async function createTestDatabase(
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const server = await findTestServer();
  const migrations = options.migrations ?? MIGRATIONS;
  const name = newName();
  await withAdmin(server.admin, async (sql) => {
    if (migrations.length === 0) return await createEmpty(sql, name);
    const template = await ensureTemplate(sql, server, migrations);
    await sql.unsafe(`create database "${name}" template "${template}"`);
  });
  const owner = { ...server.admin, database: name };
  return {
    owner,
    serve: { ...server.serve, database: name },
    vault: { ...server.vault, database: name },
    logs: { ...server.logs, database: name },
    retention: { ...server.retention, database: name },
    read: { ...server.read, database: name },
    url: urlOf(owner),
    drop: () =>
      withAdmin(server.admin, async (sql) => {
        await sql.unsafe(`drop database if exists "${name}" with (force)`);
      }),
  };
}

/** Runs `work` with a database that is dropped afterwards. */
export async function withDatabase(
  work: (database: TestDatabase) => Promise<void>,
  options: TestDatabaseOptions = {},
): Promise<void> {
  const database = await createTestDatabase(options);
  try {
    await work(database);
  } finally {
    await database.drop();
  }
}

/**
 * One database for all tests of a file, made before the first and dropped after the last. Call it at the
 * top of the file; the function it returns gives the database inside the tests.
 */
export function databaseForFile(options: TestDatabaseOptions = {}): () => TestDatabase {
  let database: TestDatabase | undefined;
  Deno.test.beforeAll(async () => {
    database = await createTestDatabase(options);
  });
  Deno.test.afterAll(async () => {
    await database?.drop();
  });
  return () => {
    if (database === undefined) throw new Error("The database is there inside tests only");
    return database;
  };
}

/** Drops what runs of some hours ago were killed before dropping. */
export async function dropStaleDatabases(admin: DatabaseAddress): Promise<void> {
  await withAdmin(admin, async (sql) => {
    const rows = await sql<{ name: string }[]>`
      select datname as name from pg_database where datname like ${PREFIX + "%"}`;
    for (const { name } of rows) {
      const madeAt = parseInt(name.slice(PREFIX.length).split("_")[0] ?? "", 36);
      if (Date.now() - madeAt < STALE_MS) continue;
      await sql.unsafe(`drop database if exists "${name}" with (force)`);
    }
  });
}
