export { MIGRATIONS } from "./migrations.ts";
export {
  type Notice,
  openPool,
  openSingle,
  type Pool,
  type PoolOptions,
  type PoolStats,
  poolStats,
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
export { nestedIn } from "./nested.ts";
export { listen, type Listener, type ListenOptions } from "./listen.ts";
export { makeOwnLogin, mayMakeLogins, type OwnLogin, type OwnLoginRole } from "./own_login.ts";
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
