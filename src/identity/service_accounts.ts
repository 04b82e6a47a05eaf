import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import type { IdentityContext } from "./context.ts";
import type { Actor } from "./events.ts";
import { mergeUser, NEW_USER } from "./user_rules.ts";
import type { User } from "./user_store.ts";
import { getUser, insertNew } from "./users.ts";

/** No mail goes there (RFC 2606): a service account has a name in the form of an email, and no mailbox. */
const DOMAIN = "service.invalid";
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** A service account to create. */
export interface NewServiceAccount {
  /** Lower-case letters, digits and . _ -; unique among service accounts. */
  readonly name: string;
  /** `service` unless given. */
  readonly roles?: readonly Tier[];
  readonly description?: string;
  readonly department?: string;
  /** The person who answers for it: id, email or name. */
  readonly owner?: string;
}

/**
 * Creates a user that nobody signs in as: it acts by keys and tokens only, and is no administrator that counts as the
 * last. Recorded as `user_created`. Throws `invalid`, `not_found` (owner), `conflict` (name taken), `denied`.
 */
export async function createServiceAccount(
  context: IdentityContext,
  actor: Actor,
  { name, roles = ["service"], description, department, owner }: NewServiceAccount,
): Promise<User> {
  if (!NAME.test(name)) {
    throw new AppError("invalid", `Cannot call a service account ${JSON.stringify(name)}`, {
      hint: "Up to 63 lower-case letters, digits and . _ -",
    });
  }
  const ownerId = owner === undefined ? undefined : (await getOwner(context, owner)).id;
  const fields = mergeUser({ ...NEW_USER, kind: "service" }, {
    ...{ name, roles, email: `${name}@${DOMAIN}` },
    ...description !== undefined && { description },
    ...department !== undefined && { department },
    ...ownerId !== undefined && { ownerId },
  });
  return await insertNew(context, actor, fields);
}

/** A person who may answer for a service account. Throws `not_found`, `conflict`, `invalid`. */
export async function getOwner({ sql }: IdentityContext, reference: string): Promise<User> {
  const user = await getUser(sql, reference);
  if (user.kind === "person" && user.status === "active") return user;
  throw new AppError(
    "invalid",
    `${JSON.stringify(user.name)} cannot answer for a service account`,
    {
      hint: "Expected a person who is active.",
    },
  );
}

/** By id, or by name among the service accounts. Throws `not_found`. */
export async function getServiceAccount(
  { sql }: Pick<IdentityContext, "sql">,
  reference: string,
): Promise<User> {
  const email = NAME.test(reference) ? `${reference}@${DOMAIN}` : reference;
  const user = await getUser(sql, email).catch(() => getUser(sql, reference));
  if (user.kind === "service") return user;
  throw new AppError("not_found", `${JSON.stringify(reference)} is no service account`);
}
