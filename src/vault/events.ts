import type { Pool, Sql } from "../db/mod.ts";
import type { Actor } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretBytes } from "./secret_bytes.ts";
import type { SecretFacts } from "./secret.ts";

/** What can happen to the vault; each is an `admin` row in the audit, and none tells of a value. */
export type VaultEventName =
  | "secret_created"
  | "secret_rotated"
  | "secret_updated"
  | "secret_deleted"
  | "key_rotation_started"
  | "secrets_resealed"
  | "key_rotation_finished"
  | "master_key_added"
  | "master_key_removed";

/** A row about the vault, before it has an id and a time. Fits the audit's input for such rows. */
export interface VaultEvent extends Actor {
  readonly kind: "admin";
  readonly target: `vault:${VaultEventName}`;
  readonly decision: "ok";
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a change of the vault needs. */
export interface VaultContext {
  readonly sql: Pool;
  readonly master: SecretBytes;
  readonly clock: Clock;
  /** Who makes the change. */
  readonly actor: Actor;
  /** Writes the rows in the transaction of the change that they tell of: both or neither. */
  record(sql: Sql, events: readonly VaultEvent[]): Promise<void>;
}

/** Records what happened, in the transaction in which it does. */
export async function recordEvent(
  { actor, record }: VaultContext,
  sql: Sql,
  name: VaultEventName,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await record(sql, [{ ...actor, kind: "admin", target: `vault:${name}`, decision: "ok", detail }]);
}

/** A secret as rows tell of it: who may get what, never the value or its length. */
export function factsForAudit(
  { name, owner, servers, expiresAt, keyVersion }: SecretFacts,
): Readonly<Record<string, unknown>> {
  const expires = expiresAt === null ? null : expiresAt.toISOString();
  return { name, owner, servers, expires_at: expires, key_version: keyVersion };
}
