import type * as z from "zod";
import { backupName, isBackupName, writeBackup } from "../../backup/mod.ts";
import { listOldSecrets, newestDataKeyAt } from "../../vault/mod.ts";
import type { JobContext, JobResult } from "../job.ts";
import type { BACKUP, JOB_HISTORY, KEY_REMINDER } from "../parameters.ts";
import { deleteOldRuns } from "../run_store.ts";

/** Writes a backup, and removes the oldest beyond those that are kept. */
export async function databaseBackup(
  { sql, clock, backups, keys, parameters, signal, progress }: JobContext<
    z.output<typeof BACKUP>
  >,
): Promise<JobResult> {
  const now = new Date(clock.now());
  const { path, bytes, rows } = await writeBackup(sql, `${backups}/${backupName(now)}`, {
    key: (salt) => keys.backupKey(salt),
    now,
    signal,
    onProgress: (count, table) => progress(count, undefined, table),
  });
  const removed = await removeOldest(backups, parameters.keep);
  return {
    message: `Wrote "${path}": ${rows} rows, ${bytes} bytes; removed ${removed} older`,
    processed: rows,
  };
}

async function removeOldest(folder: string, keep: number): Promise<number> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const old = names.filter(isBackupName).sort().reverse().slice(keep);
  for (const name of old) await Deno.remove(`${folder}/${name}`);
  return old.length;
}

/** Tells of keys and secrets that have been the same for long. */
export async function keyReminder(
  { sql, clock, log, parameters }: JobContext<z.output<typeof KEY_REMINDER>>,
): Promise<JobResult> {
  const now = clock.now();
  const dataKeyAt = await newestDataKeyAt(sql);
  const secrets = await listOldSecrets(sql, new Date(now - parameters.secrets));
  const due = [
    ...dataKeyAt && dataKeyAt.getTime() < now - parameters.data_key
      ? [`the data key of ${dataKeyAt.toISOString()} (spgov cloud secrets rotate-key)`]
      : [],
    ...secrets.map(({ name, rotatedAt }) => `"${name}" of ${rotatedAt.toISOString()}`),
  ];
  if (due.length === 0) return { message: "No key and no secret is due", processed: 0 };
  log.warn("Keys and secrets are due to be changed", { due });
  return { message: `Due to be changed: ${due.join(", ")}`, processed: due.length };
}

/** Forgets runs of jobs, but the newest of each. */
export async function jobHistory(
  { sql, parameters }: JobContext<z.output<typeof JOB_HISTORY>>,
): Promise<JobResult> {
  const removed = await deleteOldRuns(sql, parameters.keep);
  return { message: `Removed ${removed} runs`, processed: removed };
}
