import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { type DataKey, ensureDataKey, openDataKey } from "./data_keys.ts";
import { factsForAudit, recordEvent, type VaultContext, type VaultEventName } from "./events.ts";
import type { SecretBytes } from "./secret_bytes.ts";
import {
  checkSecretName,
  checkSecretValue,
  checkServers,
  openSecret,
  sealSecret,
  type SecretFacts,
} from "./secret.ts";
import {
  findForChange,
  insertSecret,
  noSecret,
  removeSecret,
  replaceSecret,
  type SecretKey,
  type StoredSecret,
} from "./secret_store.ts";

/** Who may get a secret, and until when; what is left out stays as it is, and is nobody and for ever at first. */
export interface SecretTerms {
  readonly servers?: readonly string[];
  /** Null is for ever. */
  readonly expiresAt?: Date | null;
}

/** A value to keep. */
export interface SecretInput extends SecretKey, SecretTerms {
  readonly value: SecretBytes;
}

/** What became of a secret. */
export interface SecretChange {
  readonly secret: SecretFacts;
  readonly created: boolean;
}

/** Keeps values, new ones or in the place of older ones: all of them or, when one cannot be, none. */
export async function setSecrets(
  context: VaultContext,
  inputs: readonly SecretInput[],
): Promise<readonly SecretChange[]> {
  inputs.forEach(checkInput);
  return await context.sql.begin(async (sql) => {
    const key = await ensureDataKey(sql, context.master);
    const changes: SecretChange[] = [];
    for (const input of inputs) changes.push(await setOne(context, sql, key, input));
    return changes;
  }) as readonly SecretChange[];
}

/** Replaces the value of a secret that there is. Throws `not_found` where there is none. */
export async function rotateSecret(
  context: VaultContext,
  input: SecretInput,
): Promise<SecretFacts> {
  checkInput(input);
  return await context.sql.begin(async (sql) => {
    const key = await ensureDataKey(sql, context.master);
    const before = await getForChange(sql, input);
    return await replace(context, sql, "secret_rotated", before, {
      facts: { ...withTerms(before.facts, input), rotatedAt: nowOf(context) },
      value: input.value,
      key,
    });
  }) as SecretFacts;
}

/** Changes who may get a secret and until when; its value stays. Throws `not_found`. */
export async function updateSecret(
  context: VaultContext,
  which: SecretKey,
  terms: SecretTerms,
): Promise<SecretFacts> {
  return await context.sql.begin(async (sql) => {
    const key = await ensureDataKey(sql, context.master);
    const before = await getForChange(sql, which);
    const facts = withTerms(before.facts, terms);
    const value = await openStored(context, sql, before);
    try {
      return await replace(context, sql, "secret_updated", before, { facts, value, key });
    } finally {
      value.wipe();
    }
  }) as SecretFacts;
}

/** Removes a secret; what it was. Throws `not_found`. */
export async function deleteSecret(context: VaultContext, which: SecretKey): Promise<SecretFacts> {
  return await context.sql.begin(async (sql) => {
    const removed = await removeSecret(sql, which);
    if (!removed) throw noSecret(which);
    await recordEvent(context, sql, "secret_deleted", { secret: factsForAudit(removed) });
    return removed;
  }) as SecretFacts;
}

/**
 * Throws as `setSecrets` would, without changing anything. `present`: names that are there already, with
 * servers of their own.
 */
export function checkSecrets(
  inputs: readonly SecretInput[],
  present: ReadonlySet<string>,
): void {
  for (const input of inputs) {
    checkInput(input);
    const servers = checkServers(input.servers ?? []);
    if (servers.length === 0 && !present.has(input.name)) throw forNobody(input.name);
  }
}

interface Content {
  readonly facts: SecretFacts;
  readonly value: SecretBytes;
  readonly key: DataKey;
}

async function setOne(
  context: VaultContext,
  sql: Sql,
  key: DataKey,
  input: SecretInput,
): Promise<SecretChange> {
  const now = nowOf(context);
  const { owner, name, value } = input;
  const facts = withTerms({ ...NEW_SECRET, id: uuidV7(now.getTime()), owner, name }, input);
  const fresh = await sealAll({ facts: { ...facts, createdAt: now, rotatedAt: now }, value, key });
  const before = await findForChange(sql, input);
  if (!before && await insertSecret(sql, fresh)) {
    await recordEvent(context, sql, "secret_created", { secret: factsForAudit(fresh.facts) });
    return { secret: fresh.facts, created: true };
  }
  // Somebody else may have made it just now.
  const present = before ?? await getForChange(sql, input);
  const changed = { ...withTerms(present.facts, input), rotatedAt: now };
  const content = { facts: changed, value, key };
  return {
    secret: await replace(context, sql, "secret_rotated", present, content),
    created: false,
  };
}

const NEW_SECRET: Omit<SecretFacts, "id" | "owner" | "name"> = {
  servers: [],
  expiresAt: null,
  createdAt: new Date(0),
  rotatedAt: new Date(0),
  lastUsedAt: null,
  keyVersion: 0,
};

async function replace(
  context: VaultContext,
  sql: Sql,
  event: VaultEventName,
  before: StoredSecret,
  content: Content,
): Promise<SecretFacts> {
  const stored = await sealAll(content);
  await replaceSecret(sql, stored);
  const { servers, expires_at } = factsForAudit(before.facts);
  await recordEvent(context, sql, event, {
    secret: factsForAudit(stored.facts),
    before: { servers, expires_at },
  });
  return stored.facts;
}

async function sealAll(
  { facts: { keyVersion: _, ...rest }, value, key }: Content,
): Promise<StoredSecret> {
  const facts = { ...rest, keyVersion: key.version };
  if (facts.servers.length === 0) throw forNobody(facts.name);
  return { facts, sealed: await sealSecret(key.key, value, facts) };
}

function forNobody(name: string): AppError {
  return new AppError("invalid", `The secret ${JSON.stringify(name)} would be for nobody`, {
    hint: "Name the servers that may get it.",
  });
}

async function openStored(
  { master }: VaultContext,
  sql: Sql,
  { facts, sealed }: StoredSecret,
): Promise<SecretBytes> {
  const { key } = await openDataKey(sql, master, facts.keyVersion);
  return await openSecret(key, sealed, facts);
}

async function getForChange(sql: Sql, which: SecretKey): Promise<StoredSecret> {
  const found = await findForChange(sql, which);
  if (found) return found;
  throw noSecret(which);
}

function withTerms(facts: SecretFacts, { servers, expiresAt }: SecretTerms): SecretFacts {
  return {
    ...facts,
    ...servers && { servers: checkServers(servers) },
    ...expiresAt !== undefined && { expiresAt },
  };
}

function checkInput({ name, value }: SecretInput): void {
  checkSecretName(name);
  checkSecretValue(name, value);
}

function nowOf({ clock }: VaultContext): Date {
  return new Date(Math.floor(clock.now()));
}
