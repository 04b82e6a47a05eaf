import type { BrowserOrigin, BrowserUser } from "../browser_session_store.ts";
import { browserActor } from "../browser_sessions.ts";
import {
  findPassword,
  type PasswordHasher,
  passwordProblem,
  setPassword,
} from "../passwords/mod.ts";
import { getUser } from "../users.ts";
import { admitAttempt, settleAttempt } from "./attempts.ts";
import { networkOf, recordFailure, type SignInContext } from "./sign_in.ts";

/** Milliseconds after a sign-in during which credentials may be changed. */
const RECENT_MS = 15 * 60_000;

/** Whether somebody proved recently enough who they are to change how they do it. */
export function isRecent({ authTime }: Pick<BrowserUser, "authTime">, now = Date.now()): boolean {
  return now - authTime.getTime() < RECENT_MS;
}

/** What became of a change. */
export type PasswordChange =
  | { readonly outcome: "changed" | "wrong_password" | "sign_in_again" }
  | { readonly outcome: "unfit"; readonly problem: string }
  | { readonly outcome: "rate_limited"; readonly waitMs: number };

/**
 * Sets one's own password: whoever has one proves it first, whoever has none signed in recently. The other
 * browser sessions are over. Guesses count as they do at sign-in.
 */
export async function changeOwnPassword(
  context: SignInContext,
  hasher: PasswordHasher,
  who: BrowserUser,
  { current, next }: { readonly current: string; readonly next: string },
  origin: BrowserOrigin,
): Promise<PasswordChange> {
  const { sql } = context;
  const user = await getUser(sql, who.userId);
  const problem = passwordProblem(next, user);
  if (problem !== undefined) return { outcome: "unfit", problem };
  const stored = await findPassword(sql, user.id);
  if (!stored && !isRecent(who, context.clock.now())) return { outcome: "sign_in_again" };
  if (stored) {
    const attempt = { network: networkOf(origin.address), login: user.email };
    const waitMs = await admitAttempt(sql, attempt);
    if (waitMs !== undefined) return { outcome: "rate_limited", waitMs };
    if (!(await hasher.verify(current, stored.hash)).matches) {
      await recordFailure(context, "password", origin, { rule: "wrong_password", userId: user.id });
      return { outcome: "wrong_password" };
    }
    await settleAttempt(sql, attempt);
  }
  await setPassword(context, browserActor(who), hasher, user, next);
  return { outcome: "changed" };
}
