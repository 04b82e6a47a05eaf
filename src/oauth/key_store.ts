import type { Sql } from "../db/mod.ts";
import type { PublicJwk } from "../egress/mod.ts";

/** A signing key as it is stored. */
export interface StoredKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly nonce: Uint8Array;
  /** The private key, sealed under the master key. */
  readonly sealed: Uint8Array;
  readonly createdAt: Date;
  readonly signsFrom: Date;
  /** null: the newest. */
  readonly verifiesUntil: Date | null;
}

/** A key to store. */
export type NewKey = Omit<StoredKey, "createdAt" | "verifiesUntil">;

/** Keys that tokens of now may be signed with, newest first. */
export async function listKeys(sql: Sql): Promise<StoredKey[]> {
  return await sql<StoredKey[]>`
    select * from oauth_keys
     where verifies_until is null or verifies_until > clock_timestamp()
     order by signs_from desc, kid desc
  `;
}

/** Holds off others who would make a key, until the transaction ends. */
export async function lockKeys(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('spgov_oauth_keys'))`;
}

export async function insertKey(sql: Sql, key: NewKey): Promise<void> {
  await sql`
    insert into oauth_keys (kid, public_jwk, nonce, sealed, signs_from)
    values (${key.kid}, ${
    sql.json({ ...key.publicJwk })
  }, ${key.nonce}, ${key.sealed}, ${key.signsFrom})
  `;
}

/** Lets all keys but `kid` end at a time. */
export async function retireOtherKeys(sql: Sql, kid: string, at: Date): Promise<void> {
  await sql`
    update oauth_keys set verifies_until = ${at} where kid <> ${kid} and verifies_until is null
  `;
}

/** Removes all keys but `kid`: what they signed is void at once. */
export async function deleteOtherKeys(sql: Sql, kid: string): Promise<void> {
  await sql`delete from oauth_keys where kid <> ${kid}`;
}

/** Removes keys that nothing verifies with any more. */
export async function deleteOverKeys(sql: Sql): Promise<void> {
  await sql`delete from oauth_keys where verifies_until < clock_timestamp() - interval '1 day'`;
}
