import type { Pool } from "../db/mod.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { cannotOpen } from "./cipher.ts";
import { unwrapKey } from "./data_keys.ts";
import { issuerOf } from "./keyring.ts";
import { openSecret } from "./secret.ts";
import type { SecretBytes } from "./secret_bytes.ts";
import { findSecretFor, type FoundSecret, noteUse } from "./secret_store.ts";

/** Where values come from. Only the isolate that holds the master key has one. */
export interface Vault {
  /**
   * The value of `name` for a server that acts for a user. Of the secrets of that name which list the
   * server, the user's own goes before the department's, that before everybody's. Undefined when there is
   * none, or when the one that goes first has expired. Notes when it was last used.
   *
   * Throws `invalid` when what is stored cannot be opened, and as the database does.
   */
  resolve(
    name: string,
    server: string,
    userId: string,
    department: string | undefined,
  ): Promise<SecretBytes | undefined>;
}

/**
 * Opens the vault with a master key. Everything is read anew at each `resolve`: a change made by another
 * process holds at once. `sql` needs the role `spgov_vault`.
 */
export function openVault(sql: Pool, master: SecretBytes, clock: Clock = systemClock): Vault {
  const name = issuerOf(master);
  return {
    async resolve(secret, server, userId, department) {
      const request = { name: secret, server, userId, department, master: name };
      const found = await findSecretFor(sql, request);
      const now = new Date(clock.now());
      if (!found || hasExpired(found, now)) return undefined;
      const value = await openFound(master, found);
      await noteUse(sql, found.facts.id, now);
      return value;
    },
  };
}

function hasExpired({ facts: { expiresAt } }: FoundSecret, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

async function openFound(
  master: SecretBytes,
  { facts, sealed, wrapped }: FoundSecret,
): Promise<SecretBytes> {
  if (!wrapped) throw cannotOpen(`the secret ${JSON.stringify(facts.name)}`);
  const { key } = await unwrapKey(master, wrapped);
  try {
    return await openSecret(key, sealed, facts);
  } finally {
    key.wipe();
  }
}
