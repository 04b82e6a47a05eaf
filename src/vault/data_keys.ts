import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { randomBytes } from "../kernel/ids.ts";
import { bindFields, cannotOpen, open, seal } from "./cipher.ts";
import {
  holdNewestVersion,
  insertKeyVersion,
  insertWrap,
  listWrappedKeys,
  lockDataKeys,
  type WrappedKey,
} from "./data_key_store.ts";
import { deriveKey, issuerOf } from "./keyring.ts";
import { SecretBytes } from "./secret_bytes.ts";

const KEY_BYTES = 32;

/**
 * A random key that seals secrets, of one version. It is stored sealed under a key derived from the master
 * key: replacing the master key seals a few data keys anew, and removing a data key makes whatever was
 * sealed under it unreadable for good, also for the holder of the master key.
 */
export interface DataKey {
  readonly version: number;
  readonly key: SecretBytes;
}

/** Seals a data key under a master key. */
export async function wrapKey(
  master: SecretBytes,
  { version, key }: DataKey,
): Promise<WrappedKey> {
  const name = issuerOf(master);
  const wrapping = deriveKey(master, "vault");
  try {
    return { version, master: name, ...await seal(wrapping, key, boundTo(version, name)) };
  } finally {
    wrapping.wipe();
  }
}

/** The data key; throws `invalid` when it was changed or the master key is another. */
export async function unwrapKey(master: SecretBytes, wrapped: WrappedKey): Promise<DataKey> {
  const { version } = wrapped;
  const wrapping = deriveKey(master, "vault");
  const key = await open(wrapping, wrapped, boundTo(version, issuerOf(master)));
  wrapping.wipe();
  if (!key) throw cannotOpen(`version ${version} of the vault's key`);
  return { version, key };
}

function boundTo(version: number, master: string): Uint8Array {
  return bindFields(["spgov/vault-key/v1", `${version}`, master]);
}

/**
 * The newest data key, made when there is none. Call it in the transaction that seals with it.
 * Throws `invalid` when the keys there are belong to another master key.
 */
export async function ensureDataKey(sql: Sql, master: SecretBytes): Promise<DataKey> {
  const present = await findNewestKey(sql, master);
  if (present) return present;
  await lockDataKeys(sql);
  return await findNewestKey(sql, master) ?? await addDataKey(sql, [master], 1);
}

/** Makes a new data key, sealed under each of the master keys. */
export async function addDataKey(
  sql: Sql,
  masters: readonly SecretBytes[],
  version: number,
): Promise<DataKey> {
  const made = { version, key: new SecretBytes(randomBytes(KEY_BYTES)) };
  await insertKeyVersion(sql, version);
  for (const master of masters) await insertWrap(sql, await wrapKey(master, made));
  return made;
}

async function findNewestKey(sql: Sql, master: SecretBytes): Promise<DataKey | undefined> {
  // The one that is held: a newer one may have been made since.
  const newest = await holdNewestVersion(sql);
  return newest === undefined ? undefined : await openDataKey(sql, master, newest);
}

/** The data key of a version. Throws `invalid` when this master key wraps none of it. */
export async function openDataKey(
  sql: Sql,
  master: SecretBytes,
  version: number,
): Promise<DataKey> {
  const wrapped = (await listWrappedKeys(sql, issuerOf(master)))
    .find((key) => key.version === version);
  if (!wrapped) throw otherMaster();
  return await unwrapKey(master, wrapped);
}

function otherMaster(): AppError {
  return new AppError("invalid", "Cannot open the vault: another master key closed it", {
    hint: "Give this home the master key that the secrets were set with.",
  });
}
