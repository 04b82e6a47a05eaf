import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { IdentityContext } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import { sessionEndedEvents } from "../session_events.ts";
import { endSessionRows } from "../session_store.ts";
import type { User } from "../user_store.ts";
import type { PasswordHasher } from "./hash.ts";
import { passwordProblem } from "./rules.ts";
import { deletePassword, upsertPassword } from "./store.ts";

/**
 * Sets a user's password and ends the user's browser sessions, but for the actor's own. Recorded as
 * `password_set`. Throws `invalid` for a password that is too easy to guess.
 */
export async function setPassword(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  hasher: PasswordHasher,
  user: User,
  password: string,
): Promise<void> {
  const problem = passwordProblem(password, user);
  if (problem !== undefined) {
    throw new AppError("invalid", `Cannot take this password. ${problem}`, {
      hint: "Three or four words that do not belong together make a good one.",
    });
  }
  const hash = await hasher.hash(password);
  await pool.begin(async (sql) => {
    await upsertPassword(sql, user.id, hash);
    const ended = await endBrowserSessions(sql, actor, user.id);
    await record(sql, [identityEvent(actor, "password_set", { user_id: user.id }), ...ended]);
  });
}

/** Takes a user's password away and ends its browser sessions. Recorded as `password_cleared`. Throws `not_found`. */
export async function clearPassword(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  user: User,
): Promise<void> {
  await pool.begin(async (sql) => {
    if (!await deletePassword(sql, user.id)) {
      throw new AppError("not_found", `The user ${JSON.stringify(user.name)} has no password`);
    }
    const ended = await endBrowserSessions(sql, actor, user.id);
    await record(sql, [identityEvent(actor, "password_cleared", { user_id: user.id }), ...ended]);
  });
}

/** Whoever knew the old password is signed out; whoever changes it is not. */
async function endBrowserSessions(sql: Sql, actor: Actor, userId: string) {
  const except = actor.sessionId ?? "";
  const ended = await endSessionRows(sql, { userId, audience: "browser", except });
  return sessionEndedEvents(actor, ended, "credentials_changed");
}
