import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { hashOpaque } from "../kernel/opaque.ts";
import type { Tier } from "../kernel/tiers.ts";
import { newApiKey, prefixOf } from "./api_key_text.ts";
import { type ApiKey, findApiKeyByHash, findApiKeys, insertApiKey } from "./api_key_store.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";
import { checkScopes, scopesWithin } from "../kernel/key_scopes.ts";
import { highestTier, refuseAbove } from "./roles.ts";
import { sessionEndedEvents, sessionOpenedEvents } from "./session_events.ts";
import { endSessionRows, insertSession, type NewSession } from "./session_store.ts";
import { refusalOf, refused } from "./sessions.ts";
import { type Audience, AUDIENCES } from "./token_claims.ts";
import { checkText } from "./user_rules.ts";
import { lockUser, type User } from "./user_store.ts";

/** Milliseconds that a key lives unless told. */
export const KEY_TTL_MS = 90 * 86_400_000;
const MIN_TTL_MS = 60_000;
const MAX_TTL_MS = 366 * 86_400_000;

/** A key to make. */
export interface ApiKeyRequest {
  readonly userId: string;
  /** What people call it. */
  readonly name: string;
  /** What it opens: one at least. */
  readonly audiences: readonly Audience[];
  /** Globs over permissions and scopes of MCP servers: one at least. */
  readonly scopes: readonly string[];
  /** One of the user's roles or below; the user's highest unless given. */
  readonly role?: Tier;
  /** Milliseconds; 90 days unless given, a minute to 366 days. */
  readonly ttlMs?: number;
  /** The agent that calls with it are bound to. */
  readonly agent?: string;
  /** The device that it is for: a ban of that device is a ban of the key. */
  readonly device?: string;
}

/** A key that was made. `text` is shown once, is not stored, and belongs into no log. */
export interface MadeApiKey {
  readonly key: ApiKey;
  readonly text: string;
}

/**
 * Makes a key. Nobody makes one above their own tier, or with scopes beyond those of the key they hold.
 * Recorded as `session_created` and `token_issued`. Throws `invalid`, `usage`, `not_found`, `denied`.
 */
export async function createApiKey(
  { sql: pool, record, clock }: IdentityContext,
  actor: Actor,
  request: ApiKeyRequest,
): Promise<MadeApiKey> {
  const wanted = check(actor, request);
  const text = newApiKey();
  const made = await pool.begin(async (sql) => {
    const user = await lockUser(sql, request.userId);
    if (!user) throw new AppError("not_found", `Cannot find the user "${request.userId}"`);
    const refusal = await refusalOf(sql, user, request.role, request.device);
    if (refusal) {
      const detail = { user_id: user.id, requested_role: request.role ?? null, rule: refusal };
      await record(sql, [identityEvent(actor, "sign_in_failed", detail)]);
      return { refusal, user };
    }
    const session = sessionOf(user, request, prefixOf(text), clock.now());
    refuseAbove(actor, [session.role]);
    await insertSession(sql, session);
    await insertApiKey(sql, keyOf(session, actor, text, wanted));
    await record(sql, openedEvents(actor, session, text, wanted));
    return await findApiKeyByHash(sql, hashOpaque(text));
  });
  if (made && "refusal" in made) throw refused(made.refusal, made.user, request.role);
  if (!made) throw new AppError("internal", "Cannot make the key: it is not there");
  return { key: made, text };
}

/** The one key that `reference` (id, prefix, session, or a name that one key has) means. Throws `not_found`, `conflict`. */
export async function getApiKey(sql: Sql, reference: string): Promise<ApiKey> {
  const [key, ...others] = await findApiKeys(sql, reference);
  if (!key) throw new AppError("not_found", `Cannot find the key ${JSON.stringify(reference)}`);
  if (others.length === 0 || key.name !== reference) return key;
  throw new AppError("conflict", `Several keys are called ${JSON.stringify(reference)}`, {
    hint: `Name one by its id: ${[key, ...others].map(({ id }) => id).join(", ")}`,
  });
}

/** Ends a key, everywhere in under a second. False when it had ended before. */
export async function revokeApiKey(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  key: ApiKey,
): Promise<boolean> {
  refuseAbove(actor, [key.role]);
  return await pool.begin(async (sql) => {
    const ended = await endSessionRows(sql, { id: key.sessionId });
    if (ended.length > 0) await record(sql, sessionEndedEvents(actor, ended, "revoked"));
    return ended.length > 0;
  }) as boolean;
}

/** A new key in the place of one that ends at once; what it opens and how long it lives stay as they were. */
export async function rotateApiKey(
  context: IdentityContext,
  actor: Actor,
  key: ApiKey,
): Promise<MadeApiKey> {
  const now = context.clock.now();
  if (key.revokedAt !== null || key.expiresAt.getTime() <= now) {
    throw new AppError("conflict", `Cannot rotate the key "${key.name}": it has ended`);
  }
  const { userId, name, audiences, scopes, role, agent, device } = key;
  const made = await createApiKey(context, actor, {
    ...{ userId, name, audiences, scopes, role },
    ttlMs: key.expiresAt.getTime() - key.createdAt.getTime(),
    ...agent !== null && { agent },
    ...device !== null && { device },
  });
  await revokeApiKey(context, actor, key);
  return made;
}

interface Wanted {
  readonly name: string;
  readonly audiences: readonly Audience[];
  readonly scopes: readonly string[];
}

function check(actor: Actor, { name, audiences, scopes, ttlMs, device }: ApiKeyRequest): Wanted {
  checkText("name", name.trim(), true);
  checkText("device", device ?? null, true);
  if (ttlMs !== undefined && !(ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS)) {
    throw new AppError("usage", "Cannot make a key for that long: expected 1m to 366d");
  }
  const opens = AUDIENCES.filter((audience) => audiences.includes(audience));
  if (opens.length === 0) throw new AppError("usage", "A key opens one audience at least");
  const checked = checkScopes(scopes);
  if (!scopesWithin(checked, actor.keyScopes)) {
    throw new AppError(
      "denied",
      "Cannot make a key that reaches further than the one it is made with",
    );
  }
  return { name: name.trim(), audiences: opens, scopes: checked };
}

function sessionOf(
  user: User,
  request: ApiKeyRequest,
  prefix: string,
  now: number,
): NewSession {
  return {
    id: `sess_${uuidV7(now)}`,
    userId: user.id,
    clientId: `key:${prefix}`,
    audience: "key",
    role: request.role ?? highestTier(user.roles) ?? "anonymous",
    agent: request.agent ?? null,
    tokenId: `key_${uuidV7(now)}`,
    createdAt: new Date(now),
    expiresAt: new Date(now + (request.ttlMs ?? KEY_TTL_MS)),
    device: request.device ?? null,
  };
}

function keyOf(session: NewSession, actor: Actor, text: string, wanted: Wanted) {
  const { tokenId: id, id: sessionId, userId, createdAt } = session;
  const hash = hashOpaque(text);
  const prefix = prefixOf(text);
  return { id, sessionId, userId, createdAt, ...wanted, prefix, hash, createdBy: actor.userId };
}

function openedEvents(actor: Actor, session: NewSession, text: string, wanted: Wanted) {
  const key = { prefix: prefixOf(text), ...wanted };
  return sessionOpenedEvents(actor, session).map((event) => ({
    ...event,
    detail: { ...event.detail, key },
  }));
}
