import type { Sql } from "../db/mod.ts";
import type { Sealed } from "./cipher.ts";

/** A data key as it is stored: sealed under the master key that `master` names. */
export interface WrappedKey extends Sealed {
  readonly version: number;
  readonly master: string;
}

interface WrapRow {
  readonly version: number;
  readonly master: string;
  readonly nonce: Uint8Array;
  readonly wrapped: Uint8Array;
}

function toKey({ version, master, nonce, wrapped }: WrapRow): WrappedKey {
  return { version, master, nonce: Uint8Array.from(nonce), text: Uint8Array.from(wrapped) };
}

/** Until the transaction ends, nobody else makes or removes data keys. */
export async function lockDataKeys(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('spgov vault keys'))`;
}

/** The newest version, kept from being removed until the transaction ends. */
export async function holdNewestVersion(sql: Sql): Promise<number | undefined> {
  const [row] = await sql<{ version: number }[]>`
    select version from vault_keys order by version desc limit 1 for key share
  `;
  return row?.version;
}

/** Versions that can be opened, oldest first. */
export async function listKeyVersions(sql: Sql): Promise<number[]> {
  const rows = await sql<{ version: number }[]>`select version from vault_keys order by version`;
  return rows.map(({ version }) => version);
}

/** Every data key that a master key wraps, oldest first. */
export async function listWrappedKeys(sql: Sql, master: string): Promise<WrappedKey[]> {
  const rows = await sql<WrapRow[]>`
    select version, master, nonce, wrapped from vault_key_wraps
     where master = ${master} order by version
  `;
  return rows.map(toKey);
}

/** Names of the master keys that wrap anything. */
export async function listMasters(sql: Sql): Promise<string[]> {
  const rows = await sql<{ master: string }[]>`
    select distinct master from vault_key_wraps order by master
  `;
  return rows.map(({ master }) => master);
}

export async function insertKeyVersion(sql: Sql, version: number): Promise<void> {
  await sql`insert into vault_keys (version) values (${version})`;
}

export async function insertWrap(sql: Sql, key: WrappedKey): Promise<void> {
  await sql`
    insert into vault_key_wraps (version, master, nonce, wrapped)
    values (${key.version}, ${key.master}, ${key.nonce}, ${key.text})
  `;
}

/** Removes what a master key wraps: it opens nothing any more. */
export async function deleteWraps(sql: Sql, master: string): Promise<void> {
  await sql`delete from vault_key_wraps where master = ${master}`;
}

/** Removes the versions before `version`; fails as a foreign key does when one still seals a secret. */
export async function deleteKeysBefore(sql: Sql, version: number): Promise<void> {
  await sql`delete from vault_keys where version < ${version}`;
}
