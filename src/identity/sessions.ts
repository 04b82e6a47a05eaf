import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";
import { mayActAs, refuseAbove } from "./roles.ts";
import {
  buildSession,
  type OpenedSession,
  type SessionRequest,
  type SignToken,
} from "./session_token.ts";
import { type EndReason, sessionEndedEvents, sessionOpenedEvents } from "./session_events.ts";
import {
  endSessionRows,
  findSession,
  insertSession,
  type Session,
  type SessionSelector,
} from "./session_store.ts";
import { hasActiveBan } from "./standing_store.ts";
import type { TokenRule } from "./token_claims.ts";
import { lockUser, type User } from "./user_store.ts";

/** The shortest life of a token, in milliseconds. */
export const MIN_TTL_MS = 1000;
/** The longest life of a token, in milliseconds. */
export const MAX_TTL_MS = 366 * 86_400_000;

/**
 * Opens a session of its own and issues the one token that is good for it. Throws `denied` where the user may
 * not (inactive, banned, role above its own) and records that as `sign_in_failed`; `not_found`, `usage`.
 */
export async function openSession(
  { sql: pool, record, clock }: IdentityContext,
  actor: Actor,
  request: SessionRequest,
  sign: SignToken,
): Promise<OpenedSession> {
  checkTtl(request.ttlMs);
  const result = await pool.begin(async (sql) => {
    const user = await lockUser(sql, request.userId);
    if (!user) throw unknownUser(request.userId);
    const refusal = await refusalOf(sql, user, request.role, request.device);
    if (refusal) {
      const detail = { user_id: user.id, requested_role: request.role ?? null, rule: refusal };
      await record(sql, [identityEvent(actor, "sign_in_failed", detail)]);
      return { refusal, user };
    }
    const opened = await buildSession(user, request, clock.now(), sign);
    refuseAbove(actor, [opened.session.role]);
    await insertSession(sql, opened.session);
    await record(sql, sessionOpenedEvents(actor, opened.session));
    return opened;
  }) as OpenedSession | { readonly refusal: Refusal; readonly user: User };
  if ("refusal" in result) throw refused(result.refusal, result.user, request.role);
  return result;
}

/** Why somebody does not get a session. */
export type Refusal = Extract<TokenRule, "user_inactive" | "banned"> | "role_not_held";

/** Why the user may not act now, as `role` where it is given; undefined: nothing is against it. */
export async function refusalOf(
  sql: Sql,
  user: User,
  role: Tier | undefined,
  device?: string,
): Promise<Refusal | undefined> {
  if (user.status !== "active") return "user_inactive";
  if (await hasActiveBan(sql, user.id, device)) return "banned";
  return role !== undefined && !mayActAs(user.roles, role) ? "role_not_held" : undefined;
}

/** The refusal as a failure. */
export function refused(rule: Refusal, user: User, role: Tier | undefined): AppError {
  const name = JSON.stringify(user.name);
  const messages: Readonly<Record<Refusal, string>> = {
    user_inactive: `The user ${name} is ${user.status}`,
    banned: `The user ${name}, or the device, is banned`,
    role_not_held: `The user ${name} cannot act as ${role}: it holds ${user.roles.join(", ")}`,
  };
  return new AppError("denied", messages[rule], { details: { rule } });
}

/** Throws `not_found`. */
export async function getSession(sql: Sql, id: string): Promise<Session> {
  const session = await findSession(sql, id);
  if (session) return session;
  throw new AppError("not_found", `Cannot find the session ${JSON.stringify(id)}`);
}

/** Ends the selected sessions, which voids their tokens everywhere within a second. Returns those it ended. */
export async function endSessions(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  selector: SessionSelector,
  reason: EndReason = "revoked",
): Promise<readonly Session[]> {
  if ("id" in selector) await getSession(pool, selector.id);
  return await pool.begin(async (sql) => {
    const ended = await endSessionRows(sql, selector);
    if (ended.length > 0) await record(sql, sessionEndedEvents(actor, ended, reason));
    return ended;
  }) as Session[];
}

function checkTtl(ttlMs: number): void {
  if (ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS) return;
  throw new AppError("usage", "Cannot issue a token for that long: expected 1s to 366d");
}

function unknownUser(id: string): AppError {
  return new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
}
