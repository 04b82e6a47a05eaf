import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { addDataKey, type DataKey, openDataKey } from "./data_keys.ts";
import { deleteKeysBefore, listKeyVersions, listMasters, lockDataKeys } from "./data_key_store.ts";
import { recordEvent, type VaultContext } from "./events.ts";
import { issuerOf } from "./keyring.ts";
import { openSecret, sealSecret } from "./secret.ts";
import { resealSecret, type StoredSecret, takeOlder } from "./secret_store.ts";

/** What a rotation of the data key did. */
export interface KeyRotation {
  /** The version that seals everything now; the ones before are gone. */
  readonly version: number;
  /** Secrets that this call put under it. */
  readonly resealed: number;
  /** Whether an earlier call had begun and not finished. */
  readonly resumed: boolean;
}

export interface RotationOptions {
  /** Secrets in one transaction; default 100. */
  readonly batch?: number;
  /** Called after each transaction with the secrets done so far. */
  readonly onProgress?: (resealed: number) => void;
}

const FOREIGN_KEY_VIOLATION = "23503";

/**
 * Makes a new data key, seals every secret with it, and removes the ones before: whoever had one of those
 * can open nothing that is in the database. Values can be read and set all the while. What a crash left
 * undone the next call does. Throws `not_found` where there is no data key yet, `conflict` while another
 * master key is being taken in.
 */
export async function rotateDataKey(
  context: VaultContext,
  { batch = 100, onProgress = () => {} }: RotationOptions = {},
): Promise<KeyRotation> {
  const { key, resumed } = await beginRotation(context);
  let resealed = 0;
  try {
    do {
      for (let done = batch; done > 0;) {
        done = await resealSome(context, key, batch);
        resealed += done;
        if (done > 0) onProgress(resealed);
      }
    } while (!await finishRotation(context, key.version));
  } finally {
    key.key.wipe();
  }
  return { version: key.version, resealed, resumed };
}

interface Begun {
  readonly key: DataKey;
  readonly resumed: boolean;
}

async function beginRotation(context: VaultContext): Promise<Begun> {
  return await context.sql.begin(async (sql) => {
    await lockDataKeys(sql);
    const versions = await listKeyVersions(sql);
    const newest = versions.at(-1);
    if (newest === undefined) throw new AppError("not_found", "There is no key yet to rotate");
    if (versions.length > 1) {
      return { key: await openDataKey(sql, context.master, newest), resumed: true };
    }
    await refuseSecondMaster(sql, issuerOf(context.master));
    // Whoever cannot open the old key must not begin.
    (await openDataKey(sql, context.master, newest)).key.wipe();
    const key = await addDataKey(sql, [context.master], newest + 1);
    await recordEvent(context, sql, "key_rotation_started", { from: newest, to: key.version });
    return { key, resumed: false };
  }) as Begun;
}

async function refuseSecondMaster(sql: Sql, own: string): Promise<void> {
  const others = (await listMasters(sql)).filter((master) => master !== own);
  if (others.length === 0) return;
  throw new AppError("conflict", "Another master key is being taken in", {
    hint: "Finish that first: spgov cloud secrets rotate-key --master --finish",
  });
}

/** Seals some secrets anew, in a transaction; how many. */
async function resealSome(context: VaultContext, to: DataKey, limit: number): Promise<number> {
  return await context.sql.begin(async (sql) => {
    const older = await takeOlder(sql, to.version, limit);
    if (older.length === 0) return 0;
    for (const stored of older) await resealOne(context, sql, stored, to);
    await recordEvent(context, sql, "secrets_resealed", { to: to.version, secrets: older.length });
    return older.length;
  }) as number;
}

async function resealOne(
  { master }: VaultContext,
  sql: Sql,
  { facts, sealed }: StoredSecret,
  { version, key }: DataKey,
): Promise<void> {
  const old = await openDataKey(sql, master, facts.keyVersion);
  const value = await openSecret(old.key, sealed, facts);
  try {
    const fresh = await sealSecret(key, value, { ...facts, keyVersion: version });
    await resealSecret(sql, facts.id, version, fresh);
  } finally {
    value.wipe();
    old.key.wipe();
  }
}

/** Removes the older keys; false when somebody has just sealed a secret with one. */
async function finishRotation(context: VaultContext, version: number): Promise<boolean> {
  try {
    await context.sql.begin(async (sql) => {
      await lockDataKeys(sql);
      await deleteKeysBefore(sql, version);
      await recordEvent(context, sql, "key_rotation_finished", { version });
    });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === FOREIGN_KEY_VIOLATION) {
      return false;
    }
    throw error;
  }
}
