import type { Sql } from "../db/mod.ts";
import { hashOpaque, isOpaque, newOpaque } from "../kernel/opaque.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { readCookie, sessionCookieName } from "./browser_cookie.ts";
import {
  type BrowserOrigin,
  type BrowserUser,
  findBrowserSession,
  insertBrowserSession,
  type SignInMethod,
  touchBrowserSession,
} from "./browser_session_store.ts";
import type { IdentityContext } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";
import { highestTier } from "./roles.ts";
import { sessionEndedEvents } from "./session_events.ts";
import { endSessionRows, type NewSession } from "./session_store.ts";
import type { User } from "./user_store.ts";

/** Milliseconds without use after which a browser session is over. */
export const IDLE_MS = 3_600_000;
/** Milliseconds after which it is over in any case. */
export const ABSOLUTE_MS = 12 * 3_600_000;
/** Client id of the pages in rows and sessions. */
export const BROWSER_CLIENT = "spgov-browser";
const MAX_USER_AGENT = 256;

/** A browser session that began. `token` belongs into the cookie and nowhere else. */
export interface OpenedBrowserSession {
  readonly sessionId: string;
  readonly token: string;
}

/**
 * Opens a browser session for somebody who proved who they are, with a token that was never used before.
 * Undefined where the user is not let in (inactive, banned). Recorded as `session_created` and `signed_in`.
 */
export async function openBrowserSession(
  { sql: pool, record, clock }: IdentityContext,
  user: User,
  method: SignInMethod,
  origin: BrowserOrigin,
): Promise<OpenedBrowserSession | undefined> {
  const token = newOpaque();
  const session = newSession(user, clock.now());
  const where = { ...origin, userAgent: printable(origin.userAgent) };
  const opened = await pool.begin(async (sql) => {
    const stored = await insertBrowserSession(sql, session, hashOpaque(token), method, where);
    if (stored) await record(sql, openedEvents(session, method, where));
    return stored;
  });
  return opened ? { sessionId: session.id, token } : undefined;
}

function newSession(user: User, now: number): NewSession {
  return {
    id: `sess_${uuidV7(now)}`,
    userId: user.id,
    clientId: BROWSER_CLIENT,
    audience: "browser",
    role: highestTier(user.roles) ?? "anonymous",
    agent: null,
    tokenId: crypto.randomUUID(),
    createdAt: new Date(now),
    expiresAt: new Date(now + ABSOLUTE_MS),
  };
}

function openedEvents(session: NewSession, method: SignInMethod, where: BrowserOrigin) {
  const actor = browserActor({ userId: session.userId, role: session.role });
  const detail = { user_id: session.userId, method, address: where.address };
  const expires = { audience: "browser", expires_at: session.expiresAt.toISOString() };
  return [
    identityEvent(actor, "session_created", { ...detail, ...expires }, session.id),
    identityEvent(actor, "signed_in", { ...detail, user_agent: where.userAgent }, session.id),
  ];
}

/** Text from a request as it may stand in rows and on pages. */
function printable(text: string): string {
  return text.slice(0, MAX_USER_AGENT).toWellFormed().replace(/[^\x20-\x7e]/g, "?");
}

/** Somebody at a browser, as the cause of a row. */
export function browserActor(
  user: Pick<BrowserUser, "userId" | "role"> & Partial<Pick<BrowserUser, "sessionId">>,
): Actor {
  const { userId, role, sessionId } = user;
  return {
    userId,
    role,
    surface: "api",
    clientId: BROWSER_CLIENT,
    ...sessionId !== undefined && { sessionId },
  };
}

/**
 * The user of the browser session whose cookie the request carries; undefined without one that counts now.
 * Asked of the database each time: what ends a session ends it at once.
 *
 * @param secure Whether the browser reached us by https: decides which cookie counts.
 */
export async function findBrowserUser(
  sql: Sql,
  request: Request,
  secure: boolean,
): Promise<BrowserUser | undefined> {
  const token = readCookie(request.headers.get("cookie"), sessionCookieName(secure));
  if (!isOpaque(token)) return undefined;
  const hash = hashOpaque(token);
  const found = await findBrowserSession(sql, hash, IDLE_MS);
  if (!found) return undefined;
  const { due, ...user } = found;
  if (due) await touchBrowserSession(sql, hash);
  return user;
}

/** Ends the user's own browser session: `session_ended` and `signed_out`. */
export async function closeBrowserSession(
  { sql: pool, record }: IdentityContext,
  user: BrowserUser,
): Promise<void> {
  const actor = browserActor(user);
  await pool.begin(async (sql) => {
    const ended = await endSessionRows(sql, { id: user.sessionId });
    if (ended.length === 0) return;
    const signedOut = identityEvent(actor, "signed_out", { user_id: user.userId }, user.sessionId);
    await record(sql, [...sessionEndedEvents(actor, ended, "signed_out"), signedOut]);
  });
}
