import type { Pool } from "../../../../db/mod.ts";
import { getUser } from "../../../../identity/mod.ts";
import type { Consent, ConsentFilter } from "../../../../oauth/mod.ts";

/** Which consents a verb is about. */
export interface ConsentFlags {
  readonly user?: string;
  readonly client?: string;
}

export async function filterOf(
  sql: Pool,
  { user, client }: ConsentFlags,
): Promise<ConsentFilter> {
  return {
    ...user !== undefined && { userId: (await getUser(sql, user)).id },
    ...client !== undefined && { clientId: client },
  };
}

/** A consent as `--json` prints it. */
export interface ConsentView {
  readonly user_id: string;
  readonly client_id: string;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly updated_at: Date;
}

export function consentView(consent: Consent): ConsentView {
  return {
    user_id: consent.userId,
    client_id: consent.clientId,
    resource: consent.resource,
    scopes: consent.scopes,
    updated_at: consent.updatedAt,
  };
}

export const CONSENT_COLUMNS = [
  "user_id",
  "client_id",
  "resource",
  "scopes",
  "updated_at",
] as const;
