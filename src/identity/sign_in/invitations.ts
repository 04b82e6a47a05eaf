import { nestedIn } from "../../db/mod.ts";
import { hashOpaque, newOpaque } from "../../kernel/opaque.ts";
import type { IdentityContext } from "../context.ts";
import { type Actor, identityEvent } from "../events.ts";
import type { User } from "../user_store.ts";
import { createUser, type NewUser } from "../users.ts";
import { replaceLinks } from "./link_store.ts";
import type { SignInLink } from "./links.ts";

/** Milliseconds that an invitation is good for unless told, and at most. */
export const INVITATION_TTL_MS = 7 * 86_400_000;
export const MAX_INVITATION_TTL_MS = 30 * 86_400_000;

/** How the link gets to whoever is invited; the row of a link that is to be mailed says so. */
export type Delivery = "print" | "mail";

/** Somebody who was invited, and the link to hand to them. */
export interface Invitation {
  readonly user: User;
  readonly link: SignInLink;
}

/**
 * Makes a user and a link that signs them in once: there they choose how to sign in from then on. Both or
 * neither, recorded as `user_created` and `sign_in_link_created`. Throws as `createUser` does.
 */
export async function inviteUser(
  context: IdentityContext,
  actor: Actor,
  input: NewUser,
  ttlMs: number = INVITATION_TTL_MS,
  delivery: Delivery = "print",
): Promise<Invitation> {
  const token = newOpaque();
  return await context.sql.begin(async (transaction) => {
    const sql = nestedIn(transaction);
    const user = await createUser({ ...context, sql }, actor, input);
    const expiresAt = await replaceLinks(sql, user.id, hashOpaque(token), ttlMs);
    const detail = {
      ...{ user_id: user.id, expires_at: expiresAt.toISOString(), invitation: true },
      ...delivery === "mail" && { delivery },
    };
    await context.record(sql, [identityEvent(actor, "sign_in_link_created", detail)]);
    return { user, link: { token, expiresAt } };
  }) as Invitation;
}
