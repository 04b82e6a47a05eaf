import {
  type Audience,
  ensureOperator,
  getUser,
  issueToken,
  LOCAL_OPERATOR,
  type OpenedSession,
  openSession,
} from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { loadTokenKeys } from "./keys.ts";
import type { Tier } from "../../../kernel/tiers.ts";

export interface TokenRequest {
  /** Id, email or name; the local operator unless given. */
  readonly user?: string;
  /** The user's highest unless given. */
  readonly role?: Tier;
  readonly audience: Audience;
  readonly ttlMs: number;
  /** Who will use it, as rows name it; `spgov-cli` unless given. */
  readonly clientId?: string;
}

/** Opens a session at this machine's command line and issues its token. */
export async function createSessionToken(
  context: CliContext,
  { user: reference, role, audience, ttlMs, clientId = "spgov-cli" }: TokenRequest,
): Promise<OpenedSession> {
  const { sql } = await openDatabase(context);
  const { key, issuer } = await loadTokenKeys(context);
  const identity = identityContext(context, sql);
  const user = reference === undefined
    ? (await ensureOperator(identity)).user
    : await getUser(sql, reference);
  const request = { userId: user.id, audience, ttlMs, clientId, issuer };
  return await openSession(
    identity,
    LOCAL_OPERATOR,
    role === undefined ? request : { ...request, role },
    (claims) => issueToken(key, claims),
  );
}
