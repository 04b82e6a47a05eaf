import type { BackupKey } from "../../../backup/mod.ts";
import { backupKeyOf, loadMasterKey } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";

/** Keys of backups, from this home's master key. Throws `not_found` when there is none. */
export async function openBackupKey({ home, env }: CliContext): Promise<BackupKey> {
  const { key } = await loadMasterKey({ home, env });
  return (salt) => backupKeyOf(key, salt).reveal();
}
