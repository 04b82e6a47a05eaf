import { AppError } from "../../kernel/errors.ts";
import { hashOpaque, isOpaque, newOpaque } from "../../kernel/opaque.ts";
import type { BrowserOrigin } from "../browser_session_store.ts";
import type { IdentityContext } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import type { User } from "../user_store.ts";
import { getUser } from "../users.ts";
import { replaceLinks, takeLink } from "./link_store.ts";
import { signIn, type SignInContext, type SignInResult } from "./sign_in.ts";

/** Milliseconds that a sign-in link is good for. */
export const LINK_TTL_MS = 15 * 60_000;

/** A link that signs in once. Whoever has the token is the user: keep it out of logs. */
export interface SignInLink {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Makes a link for a user, in the place of earlier ones. Recorded. Throws `denied` for a user who is not active. */
export async function createSignInLink(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  user: User,
): Promise<SignInLink> {
  if (user.status !== "active") {
    throw new AppError("denied", `The user ${JSON.stringify(user.name)} is ${user.status}`);
  }
  const token = newOpaque();
  const expiresAt = await pool.begin(async (sql) => {
    const expires = await replaceLinks(sql, user.id, hashOpaque(token), LINK_TTL_MS);
    const detail = { user_id: user.id, expires_at: expires.toISOString() };
    await record(sql, [identityEvent(actor, "sign_in_link_created", detail)]);
    return expires;
  }) as Date;
  return { token, expiresAt };
}

/** Signs in by a link, once. */
export async function signInWithLink(
  context: SignInContext,
  token: string,
  origin: BrowserOrigin,
): Promise<SignInResult> {
  return await signIn(context, "link", undefined, origin, async () => {
    const userId = isOpaque(token) ? await takeLink(context.sql, hashOpaque(token)) : undefined;
    if (userId === undefined) return { ok: false, rule: "unknown_link" };
    return { ok: true, user: await getUser(context.sql, userId) };
  });
}
