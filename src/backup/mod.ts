/** Backups of the database: everything in it as of one moment, in one sealed file. */
export {
  type BackupKey,
  backupName,
  isBackupName,
  writeBackup,
  type WrittenBackup,
} from "./file.ts";
export type { Contents } from "./load.ts";
export type { Manifest } from "./manifest.ts";
export { checkBackup, restoreBackup, type Restored, type RestoreOptions } from "./restore.ts";
