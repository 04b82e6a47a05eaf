import type { Sql } from "../../db/mod.ts";
import {
  type Actor,
  type EndReason,
  endSessions,
  type IdentityContext,
  identityEvent,
} from "../../identity/mod.ts";
import type { Tier } from "../../kernel/tiers.ts";
import type { Client } from "../client.ts";
import type { GetClient } from "../client_finder.ts";
import type { OAuthConfig } from "../config/mod.ts";
import { OAuthError } from "../oauth_error.ts";
import type { Parameters } from "../parameters.ts";
import type { RateWindow } from "../rate_window.ts";
import type { Servers } from "../servers.ts";
import type { SigningKeys } from "../signing_keys.ts";

/** What grants need. Only the isolate that holds the keys has it. */
export interface GrantContext extends IdentityContext {
  readonly keys: SigningKeys;
  readonly servers: () => Servers;
  readonly config: () => OAuthConfig;
  readonly getClient: GetClient;
  /** Rows about refused attempts, by client. */
  readonly failures: RateWindow;
}

/** A request to an endpoint, by a client that proved who it is. */
export interface ClientRequest {
  readonly client: Client;
  readonly parameters: Parameters;
  readonly issuer: string;
  readonly traceId: string;
  /** Who causes it, where that is not the client. */
  readonly cause?: Actor;
}

/** The answer of the token endpoint. */
export type TokenAnswer = Readonly<Record<string, unknown>>;

/** Runs `work` in a transaction that also stays when its outcome is a refusal, which is thrown then. */
export async function settle<T>(
  { sql: pool }: GrantContext,
  work: (sql: Sql) => Promise<T | OAuthError>,
): Promise<T> {
  const outcome = await pool.begin(work) as T | OAuthError;
  if (outcome instanceof OAuthError) throw outcome;
  return outcome;
}

/** Whom a grant concerns, as far as it is known. */
export interface GrantHolder {
  readonly userId: string;
  readonly role?: Tier;
  readonly sessionId?: string;
}

/** A client that acts for somebody, as the cause of a row. */
export function actorOf(
  { client, traceId, cause }: ClientRequest,
  { userId, role }: GrantHolder,
): Actor {
  if (cause) return { ...cause, clientId: client.id };
  const actor = { userId, role: role ?? "anonymous", surface: "api", clientId: client.id } as const;
  return { ...actor, traceId };
}

/** Records that a grant was refused, with the rule that refused it, and answers what to throw. */
export async function refuse(
  context: GrantContext,
  sql: Sql,
  request: ClientRequest,
  holder: GrantHolder,
  rule: string,
  error: OAuthError,
): Promise<OAuthError> {
  if (!context.failures.take(request.client.id)) return error;
  const detail = { user_id: holder.userId, client_id: request.client.id, rule, error: error.code };
  await context.record(sql, [
    identityEvent(actorOf(request, holder), "token_refused", detail, holder.sessionId),
  ]);
  return error;
}

/** Refuses what came up a second time and ends what it had become. Whoever ends it records it: once. */
export async function refuseReuse(
  context: GrantContext,
  request: ClientRequest,
  holder: Required<Pick<GrantHolder, "userId" | "sessionId">>,
  reason: Extract<EndReason, "code_reused" | "refresh_token_reused">,
  error: OAuthError,
): Promise<never> {
  const actor = actorOf(request, holder);
  const ended = await endSessions(context, actor, { id: holder.sessionId }, reason);
  if (ended.length > 0) {
    await context.sql.begin((sql) => refuse(context, sql, request, holder, reason, error));
  }
  throw error;
}
