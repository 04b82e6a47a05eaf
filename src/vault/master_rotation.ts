import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { unwrapKey, wrapKey } from "./data_keys.ts";
import {
  deleteWraps,
  insertWrap,
  listKeyVersions,
  listMasters,
  listWrappedKeys,
  lockDataKeys,
} from "./data_key_store.ts";
import { recordEvent, type VaultContext } from "./events.ts";
import { issuerOf } from "./keyring.ts";
import type { SecretBytes } from "./secret_bytes.ts";

/**
 * Lets another master key open the vault too: it seals the data keys once more, secrets stay as they are.
 * From then on each replica may be given the new key when it suits. Again for the same key it does nothing.
 */
export async function addMaster(context: VaultContext, next: SecretBytes): Promise<void> {
  const [own, name] = [issuerOf(context.master), issuerOf(next)];
  if (own === name) throw new AppError("conflict", "That is the master key already");
  await context.sql.begin(async (sql) => {
    await lockDataKeys(sql);
    await refuseThird(sql, [own, name]);
    const wrapped = await listWrappedKeys(sql, own);
    await refuseStranger(sql, wrapped.length);
    const present = new Set((await listWrappedKeys(sql, name)).map(({ version }) => version));
    const missing = wrapped.filter(({ version }) => !present.has(version));
    for (const key of missing) {
      const opened = await unwrapKey(context.master, key);
      await insertWrap(sql, await wrapKey(next, opened));
      opened.key.wipe();
    }
    if (missing.length > 0) await recordEvent(context, sql, "master_key_added", { master: name });
  });
}

/**
 * Lets no master key but this one open the vault. The names of those that no longer do; empty when this was
 * the only one. Throws `invalid` when this one does not open everything itself.
 */
export async function removeOtherMasters(context: VaultContext): Promise<readonly string[]> {
  const own = issuerOf(context.master);
  return await context.sql.begin(async (sql) => {
    await lockDataKeys(sql);
    const wrapped = await listWrappedKeys(sql, own);
    await refuseStranger(sql, wrapped.length);
    for (const key of wrapped) (await unwrapKey(context.master, key)).key.wipe();
    const others = (await listMasters(sql)).filter((master) => master !== own);
    for (const master of others) await deleteWraps(sql, master);
    if (others.length > 0) {
      await recordEvent(context, sql, "master_key_removed", { masters: others, master: own });
    }
    return others;
  }) as readonly string[];
}

async function refuseThird(sql: Sql, known: readonly string[]): Promise<void> {
  if ((await listMasters(sql)).every((master) => known.includes(master))) return;
  throw new AppError("conflict", "Another master key is being taken in already", {
    hint: "Finish that first: spgov cloud secrets rotate-key --master --finish",
  });
}

/** A master key that opens only some of the data keys must not decide which others may. */
async function refuseStranger(sql: Sql, wrapped: number): Promise<void> {
  if ((await listKeyVersions(sql)).length === wrapped) return;
  throw new AppError("invalid", "Cannot open the vault: another master key closed it", {
    hint: "Give this home the master key that the secrets were set with.",
  });
}
