import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { type IdentityContext, refuseTaken } from "./context.ts";
import { checkDepartment } from "./departments.ts";
import { type Actor, LOCAL_OPERATOR } from "./events.ts";
import { keepPersonal } from "./personal_details.ts";
import { refuseAbove } from "./roles.ts";
import { userEvent } from "./user_events.ts";
import { checkUserFields, mergeUser, NEW_USER, type UserChanges } from "./user_rules.ts";
import { findUser, findUsers, insertUser, type User, type UserFields } from "./user_store.ts";

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

/** The user of this id, deleted or not. Throws `not_found`. */
export async function getUserById(sql: Sql, id: string): Promise<User> {
  const user = await findUser(sql, id);
  if (user) return user;
  throw new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
}

/**
 * Creates a person who is active and has the role `user` unless told. Throws `invalid`, `conflict` (email taken),
 * `denied` (a role above the actor's).
 */
export async function createUser(
  context: IdentityContext,
  actor: Actor,
  input: NewUser,
): Promise<User> {
  return await insertNew(context, actor, mergeUser(NEW_USER, input));
}

/** Creates a user of these fields under a new id. */
export async function insertNew(
  context: IdentityContext,
  actor: Actor,
  fields: UserFields,
): Promise<User> {
  const user = await insertWithEvent(context, actor, uuidV7(context.clock.now()), fields);
  if (!user) throw new AppError("internal", "Cannot create the user: its id is taken");
  return user;
}

/** The local operator, created at the first start. `created` is false ever after. */
export async function ensureOperator(
  context: IdentityContext,
  input: { readonly email?: string; readonly name?: string } = {},
): Promise<{ readonly user: User; readonly created: boolean }> {
  const fields = { email: OPERATOR_EMAIL, name: OPERATOR_ID, ...input, roles: ["admin"] as const };
  const created = await insertWithEvent(
    context,
    LOCAL_OPERATOR,
    OPERATOR_ID,
    mergeUser(NEW_USER, fields),
  );
  return {
    user: created ?? await getUser(context.sql, OPERATOR_ID),
    created: created !== undefined,
  };
}

async function insertWithEvent(
  context: IdentityContext,
  actor: Actor,
  id: string,
  fields: UserFields,
): Promise<User | undefined> {
  const insert = (sql: Sql) => insertRecorded(context, sql, actor, id, fields);
  return await refuseTaken(
    takenMessage(fields.email),
    () => context.sql.begin(insert) as Promise<User | undefined>,
  );
}

/** Inserts and records a user in a transaction of the caller; undefined when the id is taken. */
export async function insertRecorded(
  { record }: IdentityContext,
  sql: Sql,
  actor: Actor,
  id: string,
  fields: UserFields,
): Promise<User | undefined> {
  checkUserFields(fields);
  refuseAbove(actor, fields.roles);
  await checkDepartment(sql, fields.department);
  const user = await insertUser(sql, id, fields);
  if (!user) return undefined;
  const { event, personal } = userEvent(actor, "user_created", user);
  await keepPersonal(sql, personal ? [personal] : []);
  await record(sql, [event]);
  return user;
}

function takenMessage(email: string): string {
  return `Cannot create the user: the email ${JSON.stringify(email)} is taken`;
}
