import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Sealed } from "./cipher.ts";
import type { WrappedKey } from "./data_key_store.ts";
import { describeOwner, ownerId, type SecretFacts, type SecretOwner } from "./secret.ts";

/** A secret as it is stored. */
export interface StoredSecret {
  readonly facts: SecretFacts;
  readonly sealed: Sealed;
}

interface FactsRow extends Omit<SecretFacts, "owner"> {
  readonly ownerKind: SecretOwner["kind"];
  readonly ownerId: string;
}

interface SecretRow extends FactsRow {
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Whose secret, by which name. */
export interface SecretKey {
  readonly owner: SecretOwner;
  readonly name: string;
}

/** Which secrets; everything when empty. */
export interface SecretFilter {
  readonly id?: string;
  readonly name?: string;
  readonly owner?: SecretOwner;
  readonly server?: string;
  /** Only those that expire before this time. */
  readonly expiresBefore?: Date;
}

function toOwner({ ownerKind: kind, ownerId: id }: FactsRow): SecretOwner {
  return kind === "global" ? { kind } : { kind, id };
}

function toFacts(row: FactsRow): SecretFacts {
  const { id, name, servers, expiresAt, createdAt, rotatedAt, lastUsedAt, keyVersion } = row;
  const owner = toOwner(row);
  return { id, owner, name, servers, expiresAt, createdAt, rotatedAt, lastUsedAt, keyVersion };
}

function toStored(row: SecretRow): StoredSecret {
  const sealed = { nonce: Uint8Array.from(row.nonce), text: Uint8Array.from(row.sealed) };
  return { facts: toFacts(row), sealed };
}

function factColumns(sql: Sql): ReturnType<Sql> {
  return sql`
    s.id, s.owner_kind, s.owner_id, s.name, s.servers, s.expires_at, s.created_at, s.rotated_at,
    s.last_used_at, s.key_version
  `;
}

/** For whom a secret is looked up. */
export interface SecretRequest {
  readonly name: string;
  readonly server: string;
  readonly userId: string;
  readonly department: string | undefined;
  /** Names the master key whose wrap of the data key to give. */
  readonly master: string;
}

/** A secret with the data key that opens it; undefined where this master key wraps none of its version. */
export interface FoundSecret extends StoredSecret {
  readonly wrapped: WrappedKey | undefined;
}

/** The most specific secret of that name that the server may get, expired or not. */
export async function findSecretFor(
  sql: Sql,
  { name, server, userId, department = "", master }: SecretRequest,
): Promise<FoundSecret | undefined> {
  const [row] = await sql<(SecretRow & { keyNonce: Uint8Array | null; wrapped: Uint8Array })[]>`
    select ${factColumns(sql)}, s.nonce, s.sealed, w.nonce as key_nonce, w.wrapped
      from secrets s
      left join vault_key_wraps w on w.version = s.key_version and w.master = ${master}
     where s.name = ${name} and ${server} = any (s.servers)
       and (s.owner_kind = 'global'
            or (s.owner_kind = 'department' and s.owner_id = ${department})
            or (s.owner_kind = 'user' and s.owner_id = ${userId}))
     order by case s.owner_kind when 'user' then 0 when 'department' then 1 else 2 end
     limit 1
  `;
  if (!row) return undefined;
  const { keyVersion: version, keyNonce: nonce, wrapped } = row;
  return {
    ...toStored(row),
    wrapped: nonce === null
      ? undefined
      : { version, master, nonce: Uint8Array.from(nonce), text: Uint8Array.from(wrapped) },
  };
}

/** Notes that a secret was handed out at `now`, to the minute: a busy server must not write all the time. */
export async function noteUse(sql: Sql, id: string, now: Date): Promise<void> {
  await sql`
    update secrets set last_used_at = ${now}
     where id = ${id} and (last_used_at is null or last_used_at < ${now}::timestamptz - interval '1 minute')
  `;
}

/** The facts of secrets, by name and owner. */
export async function listSecrets(sql: Sql, filter: SecretFilter = {}): Promise<SecretFacts[]> {
  const { id, name, owner, server, expiresBefore } = filter;
  const rows = await sql<FactsRow[]>`
    select ${factColumns(sql)} from secrets s
     where true
       ${id === undefined ? sql`` : sql`and s.id = ${id}`}
       ${name === undefined ? sql`` : sql`and s.name = ${name}`}
       ${
    owner === undefined
      ? sql``
      : sql`and s.owner_kind = ${owner.kind} and s.owner_id = ${ownerId(owner)}`
  }
       ${server === undefined ? sql`` : sql`and ${server} = any (s.servers)`}
       ${expiresBefore === undefined ? sql`` : sql`and s.expires_at < ${expiresBefore}`}
     order by s.name, s.owner_kind, s.owner_id
  `;
  return rows.map(toFacts);
}

/** The facts of one secret. Throws `not_found`. */
export async function getSecret(sql: Sql, { owner, name }: SecretKey): Promise<SecretFacts> {
  const [facts] = await listSecrets(sql, { owner, name });
  if (facts) return facts;
  throw noSecret({ owner, name });
}

/** What to throw where there is no such secret. */
export function noSecret({ name, owner }: SecretKey): AppError {
  const whose = describeOwner(owner);
  return new AppError("not_found", `There is no secret ${JSON.stringify(name)} of ${whose}`);
}

/** The secret, kept from changing until the transaction ends. */
export async function findForChange(
  sql: Sql,
  { owner, name }: SecretKey,
): Promise<StoredSecret | undefined> {
  const [row] = await sql<SecretRow[]>`
    select ${factColumns(sql)}, s.nonce, s.sealed from secrets s
     where s.owner_kind = ${owner.kind} and s.owner_id = ${ownerId(owner)} and s.name = ${name}
       for update
  `;
  return row && toStored(row);
}

/** Stores a new secret; false when there is one of that name and owner already. */
export async function insertSecret(sql: Sql, { facts, sealed }: StoredSecret): Promise<boolean> {
  const { count } = await sql`
    insert into secrets (id, owner_kind, owner_id, name, servers, expires_at, created_at, rotated_at,
                         last_used_at, key_version, nonce, sealed)
    values (${facts.id}, ${facts.owner.kind}, ${ownerId(facts.owner)}, ${facts.name},
            ${facts.servers}, ${facts.expiresAt}, ${facts.createdAt}, ${facts.rotatedAt},
            ${facts.lastUsedAt}, ${facts.keyVersion}, ${sealed.nonce}, ${sealed.text})
    on conflict (owner_kind, owner_id, name) do nothing
  `;
  return count === 1;
}

/** Replaces what is stored of a secret and tells whoever handed out its value. */
export async function replaceSecret(sql: Sql, { facts, sealed }: StoredSecret): Promise<void> {
  await sql`
    update secrets
       set servers = ${facts.servers}, expires_at = ${facts.expiresAt}, rotated_at = ${facts.rotatedAt},
           key_version = ${facts.keyVersion}, nonce = ${sealed.nonce}, sealed = ${sealed.text}
     where id = ${facts.id}
  `;
}

/** Removes a secret; its facts, or undefined when there was none. */
export async function removeSecret(
  sql: Sql,
  { owner, name }: SecretKey,
): Promise<SecretFacts | undefined> {
  const [row] = await sql<FactsRow[]>`
    delete from secrets s
     where s.owner_kind = ${owner.kind} and s.owner_id = ${ownerId(owner)} and s.name = ${name}
    returning ${factColumns(sql)}
  `;
  return row && toFacts(row);
}

/** Some secrets sealed under an older version than `version`, kept from changing until the transaction ends. */
export async function takeOlder(
  sql: Sql,
  version: number,
  limit: number,
): Promise<StoredSecret[]> {
  const rows = await sql<SecretRow[]>`
    select ${factColumns(sql)}, s.nonce, s.sealed from secrets s
     where s.key_version < ${version} order by s.id limit ${limit} for update
  `;
  return rows.map(toStored);
}

/** Puts the same value under another data key; nothing else changes. */
export async function resealSecret(
  sql: Sql,
  id: string,
  keyVersion: number,
  sealed: Sealed,
): Promise<void> {
  await sql`
    update secrets set key_version = ${keyVersion}, nonce = ${sealed.nonce}, sealed = ${sealed.text}
     where id = ${id}
  `;
}
