import type { Sql } from "../../db/mod.ts";

/** A passkey as it is stored. */
export interface Passkey {
  /** The authenticator's name for it, base64url. */
  readonly id: string;
  readonly userId: string;
  /** What the user calls it. */
  readonly name: string;
  /** COSE */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  /** The host that it was made for. */
  readonly host: string;
  /** Whether more than one device keeps it. */
  readonly synced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A passkey that is added. */
export type NewPasskey = Omit<Passkey, "createdAt" | "lastUsedAt">;

/** Stores a passkey. Throws where its id is taken. */
export async function insertPasskey(sql: Sql, passkey: NewPasskey): Promise<void> {
  const { id, userId, name, publicKey, counter, transports, host, synced } = passkey;
  await sql`
    insert into passkeys (id, user_id, name, public_key, counter, transports, host, synced)
    values (${id}, ${userId}, ${name}, ${publicKey}, ${counter}, ${transports as string[]}, ${host}, ${synced})
  `;
}

/** The passkey of this id that was made for this host. */
export async function findPasskey(
  sql: Sql,
  id: string,
  host: string,
): Promise<Passkey | undefined> {
  const [found] = await sql<Passkey[]>`
    select * from passkeys where id = ${id} and host = ${host}
  `;
  return found;
}

/** A user's passkeys, the oldest first. */
export async function listPasskeys(sql: Sql, userId: string): Promise<Passkey[]> {
  return await sql<Passkey[]>`
    select * from passkeys where user_id = ${userId} order by created_at, id
  `;
}

/**
 * Notes a use. False when the counter did not grow since: then there are two of it. Authenticators that
 * keep none always say 0.
 */
export async function countUse(
  sql: Sql,
  id: string,
  counter: number,
  synced: boolean,
): Promise<boolean> {
  const { count } = await sql`
    update passkeys set counter = ${counter}, synced = ${synced}, last_used_at = clock_timestamp()
     where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter}::bigint = 0))
  `;
  return count === 1;
}

/** Removes a user's passkey; what it was called, undefined when there is none. */
export async function deletePasskey(
  sql: Sql,
  userId: string,
  id: string,
): Promise<string | undefined> {
  const [removed] = await sql<{ name: string }[]>`
    delete from passkeys where user_id = ${userId} and id = ${id} returning name
  `;
  return removed?.name;
}
