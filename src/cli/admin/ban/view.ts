import type { Ban } from "../../../identity/mod.ts";

/** A ban as `--json` prints it. */
export interface BanView {
  readonly kind: Ban["kind"];
  readonly subject: string;
  readonly reason: string;
  readonly created_at: Date;
  /** null: for good. */
  readonly expires_at: Date | null;
}

export function banRow({ kind, subject, reason, createdAt, expiresAt }: Ban): BanView {
  return { kind, subject, reason, created_at: createdAt, expires_at: expiresAt };
}

export const BAN_COLUMNS = ["kind", "subject", "reason", "created_at", "expires_at"] as const;
