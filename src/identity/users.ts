import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { type IdentityContext, refuseTaken } from "./context.ts";
import { type Actor, identityEvent, LOCAL_OPERATOR } from "./events.ts";
import { checkUserFields, mergeUser, NEW_USER, subjectOf, type UserChanges } from "./user_rules.ts";
import { findUsers, insertUser, type User } from "./user_store.ts";

/** Id of the user that acts at the machine's own command line. It cannot be deleted. */
export const OPERATOR_ID = LOCAL_OPERATOR.userId;
const OPERATOR_EMAIL = "operator@localhost";

/** A user to create. */
export interface NewUser extends UserChanges {
  readonly email: string;
  readonly name: string;
}

/** The one user that `reference` (id, email or name) means. Throws `not_found`, or `conflict` for several. */
export async function getUser(sql: Sql, reference: string): Promise<User> {
  const [user, ...others] = await findUsers(sql, reference);
  if (!user) throw new AppError("not_found", `Cannot find the user ${JSON.stringify(reference)}`);
  const unique = user.id === reference || user.email.toLowerCase() === reference.toLowerCase();
  if (others.length === 0 || unique) return user;
  throw new AppError("conflict", `Several users are called ${JSON.stringify(reference)}`, {
    hint: `Name one by its id: ${[user, ...others].map(({ id }) => id).join(", ")}`,
  });
}

/** Creates an active user, with the role `user` unless told. Throws `invalid`, `conflict` (email taken). */
export async function createUser(
  context: IdentityContext,
  actor: Actor,
  input: NewUser,
): Promise<User> {
  const user = await insertWithEvent(context, actor, uuidV7(context.clock.now()), input);
  if (!user) throw new AppError("internal", "Cannot create the user: its id is taken");
  return user;
}

/** The local operator, created at the first start. `created` is false ever after. */
export async function ensureOperator(
  context: IdentityContext,
  input: { readonly email?: string; readonly name?: string } = {},
): Promise<{ readonly user: User; readonly created: boolean }> {
  const fields = { email: OPERATOR_EMAIL, name: OPERATOR_ID, ...input, roles: ["admin"] as const };
  const created = await insertWithEvent(context, LOCAL_OPERATOR, OPERATOR_ID, fields);
  return {
    user: created ?? await getUser(context.sql, OPERATOR_ID),
    created: created !== undefined,
  };
}

async function insertWithEvent(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  id: string,
  input: NewUser,
): Promise<User | undefined> {
  const fields = mergeUser(NEW_USER, input);
  checkUserFields(fields);
  return await refuseTaken(takenMessage(fields.email), () =>
    pool.begin(async (sql) => {
      const user = await insertUser(sql, id, fields);
      if (user) {
        await record(sql, [identityEvent(actor, "user_created", { user: subjectOf(user) })]);
      }
      return user;
    }) as Promise<User | undefined>);
}

function takenMessage(email: string): string {
  return `Cannot create the user: the email ${JSON.stringify(email)} is taken`;
}
