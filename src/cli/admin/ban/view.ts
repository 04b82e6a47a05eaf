import type { Ban } from "../../../identity/mod.ts";

/** A ban as `--json` prints it. */
export interface BanView {
  readonly kind: Ban["kind"];
  readonly subject: string;
  readonly reason: string;
  readonly created_at: Date;
  /** null: for good. */
  readonly expires_at: Date | null;
  readonly is_permanent: boolean;
  readonly source: string;
  readonly created_by: string;
  readonly ban_count: number;
}

export function banRow(ban: Ban): BanView {
  const { kind, subject, reason, createdAt, expiresAt, source, createdBy, times } = ban;
  return {
    ...{ kind, subject, reason, created_at: createdAt, expires_at: expiresAt },
    ...{ is_permanent: expiresAt === null, source, created_by: createdBy, ban_count: times },
  };
}

export const BAN_COLUMNS = ["kind", "subject", "reason", "created_at", "expires_at"] as const;
