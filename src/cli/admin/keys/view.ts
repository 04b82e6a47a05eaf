import type { ApiKey } from "../../../identity/mod.ts";

/** A key as `--json` prints it: never the key. */
export interface KeyView {
  readonly id: string;
  readonly prefix: string;
  readonly name: string;
  readonly user_id: string;
  readonly role: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  readonly state: "active" | "expired" | "revoked";
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly [more: string]: unknown;
}

/** What is known of a key at the time `now`, in milliseconds. */
export function keyRow(key: ApiKey, now: number): KeyView {
  return {
    ...{ id: key.id, prefix: key.prefix, name: key.name, user_id: key.userId, role: key.role },
    ...{ audiences: key.audiences, scopes: key.scopes, agent: key.agent, device: key.device },
    state: key.revokedAt !== null
      ? "revoked"
      : key.expiresAt.getTime() <= now
      ? "expired"
      : "active",
    ...{ session_id: key.sessionId, created_by: key.createdBy, created_at: key.createdAt },
    ...{ expires_at: key.expiresAt, revoked_at: key.revokedAt },
    ...{ last_used_at: key.lastUsedAt, last_address: key.lastAddress },
  };
}

export const KEY_COLUMNS = [
  ...["prefix", "name", "user_id", "role", "audiences", "scopes", "state"] as const,
  ...["expires_at", "last_used_at"] as const,
] as const;
