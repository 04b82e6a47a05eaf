import type { Sql } from "../../db/mod.ts";
import { findNetwork } from "../../kernel/networks.ts";
import type { BrowserOrigin, SignInMethod } from "../browser_session_store.ts";
import {
  BROWSER_CLIENT,
  openBrowserSession,
  type OpenedBrowserSession,
} from "../browser_sessions.ts";
import type { IdentityContext } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import { findPassword, type PasswordHasher, renewHash } from "../passwords/mod.ts";
import { findUsers, type User } from "../user_store.ts";
import { admitAttempt, type Attempt, settleAttempt } from "./attempts.ts";

/** Why a sign-in failed, as its row says it; whoever tried is told less. */
export type SignInRule =
  | "rate_limited"
  | "unknown_user"
  | "no_password"
  | "wrong_password"
  | "unknown_passkey"
  | "wrong_passkey"
  | "unknown_link"
  | "unknown_state"
  | "unknown_provider"
  | "provider_refused"
  | "provider_unreachable"
  | "wrong_response"
  | "stale_proof"
  | "unknown_account"
  | "email_unverified"
  | "email_taken"
  | "account_taken"
  | "not_let_in";

/** A sign-in that succeeded, or why not. */
export type SignInResult =
  | { readonly ok: true; readonly user: User; readonly opened: OpenedBrowserSession }
  /** `waitMs` where it was refused without a look at what was sent. */
  | { readonly ok: false; readonly rule: SignInRule; readonly waitMs?: number };

/** What signing in needs. */
export interface SignInContext extends IdentityContext {
  /** False when an address has had its share of recorded failures for now. */
  mayRecord(address: string): boolean;
}

/** Who proved to be somebody, or why nobody did. */
export type Proof =
  | { readonly ok: true; readonly user: User }
  | { readonly ok: false; readonly rule: SignInRule; readonly userId?: string };

/**
 * Signs in whoever `prove` finds: counts the attempt first, opens the session last, records either. An
 * earlier session of the browser is no part of it: its token is never used again.
 */
export async function signIn(
  context: SignInContext,
  method: SignInMethod,
  login: string | undefined,
  origin: BrowserOrigin,
  prove: () => Promise<Proof>,
): Promise<SignInResult> {
  const attempt: Attempt = { network: networkOf(origin.address), login };
  const waitMs = await admitAttempt(context.sql, attempt);
  if (waitMs !== undefined) {
    await recordFailure(context, method, origin, { rule: "rate_limited" });
    return { ok: false, rule: "rate_limited", waitMs };
  }
  const proof = await prove();
  if (!proof.ok) {
    await recordFailure(context, method, origin, proof);
    return { ok: false, rule: proof.rule };
  }
  const { user } = proof;
  const opened = await openBrowserSession(context, user, method, origin);
  if (!opened) {
    await recordFailure(context, method, origin, { rule: "not_let_in", userId: user.id });
    return { ok: false, rule: "not_let_in" };
  }
  await settleAttempt(context.sql, attempt);
  return { ok: true, user, opened };
}

/** Signs in by email or name and password. The same work is done whether there is such a user or not. */
export async function signInWithPassword(
  context: SignInContext,
  hasher: PasswordHasher,
  { login, password }: { readonly login: string; readonly password: string },
  origin: BrowserOrigin,
): Promise<SignInResult> {
  return await signIn(context, "password", login, origin, async () => {
    const user = await findByLogin(context.sql, login);
    // Asked in any case: what is done, and how long it takes, does not say whether there is such a user.
    const stored = await findPassword(context.sql, user?.id ?? "");
    const { matches, outdated } = await hasher.verify(password, stored?.hash);
    if (!user) return { ok: false, rule: "unknown_user" };
    if (!stored) return { ok: false, rule: "no_password", userId: user.id };
    if (!matches) return { ok: false, rule: "wrong_password", userId: user.id };
    if (outdated) {
      await renewHash(context.sql, user.id, stored.hash, await hasher.hash(password));
    }
    return { ok: true, user };
  });
}

/** The one user with this email or name; a name that several have is nobody's. */
async function findByLogin(sql: Sql, login: string): Promise<User | undefined> {
  const text = login.trim();
  const found = (await findUsers(sql, text)).filter(({ status }) => status !== "deleted");
  const byEmail = found.find(({ email }) => email.toLowerCase() === text.toLowerCase());
  return byEmail ?? (found.length === 1 ? found[0] : undefined);
}

const NOBODY: Actor = {
  userId: "anonymous",
  role: "anonymous",
  surface: "api",
  clientId: BROWSER_CLIENT,
};

/** A failed sign-in, as a row. What was typed is not recorded: it may have been a password. */
export async function recordFailure(
  { sql: pool, record, mayRecord }: SignInContext,
  method: SignInMethod,
  { address }: BrowserOrigin,
  { rule, userId }: { readonly rule: SignInRule; readonly userId?: string },
): Promise<void> {
  if (!mayRecord(address)) return;
  const detail = { method, rule, address, ...userId !== undefined && { user_id: userId } };
  await pool.begin((sql) => record(sql, [identityEvent(NOBODY, "sign_in_failed", detail)]));
}

/** What an address counts as: one IPv6 customer has all of a /64. */
export function networkOf(address: string): string {
  return findNetwork(address.includes(":") ? `${address}/64` : address)?.text ?? address;
}
