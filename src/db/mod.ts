export { MIGRATIONS } from "./migrations.ts";
export {
  type DatabaseAddress,
  type DatabaseTls,
  describeAddress,
  parseDatabaseUrl,
} from "./address.ts";
export type { TlsMode } from "./address.ts";
export {
  type Notice,
  openPool,
  openSingle,
  type Pool,
  type PoolOptions,
  type Sql,
} from "./pool.ts";
export {
  type AppliedMigration,
  migrate,
  type Migration,
  migrationChecksum,
  migrationOf,
} from "./migrate.ts";
export { type MigrationResult, type MigrationState, migrationStatus } from "./migrate.ts";
export { checkDurability, type WeakSetting } from "./durability.ts";
export { type BorrowedServer, borrowEmbedded, findEmbedded } from "./borrowed.ts";
export type { EmbeddedAddresses, EmbeddedOptions } from "./embedded_home.ts";
export { findStaleSockets, PROGRAM_FOLDER, removeStaleSockets } from "./leftovers.ts";
export { type EmbeddedServer, startEmbedded } from "./embedded.ts";
export type { ServerExit, StopMode } from "./postgres_process.ts";
export { prepareServerFiles } from "./postgres_files.ts";
export type { ServerTuning } from "./postgres_settings.ts";
export { listen, type Listener, type ListenOptions } from "./listen.ts";
export { openReader, type Reader, type ReadOptions, type ReadResult } from "./read_only.ts";
export {
  type ColumnFacts,
  countRows,
  type DatabaseFacts,
  type DisabledTrigger,
  findRelation,
  getFacts,
  type IndexFacts,
  listColumns,
  listDisabledTriggers,
  listIndexes,
  listTables,
  type RelationName,
  type TableFacts,
} from "./inspect.ts";
