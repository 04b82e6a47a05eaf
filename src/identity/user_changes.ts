import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import { type IdentityContext, refuseTaken } from "./context.ts";
import { type Actor, type IdentityEvent, identityEvent } from "./events.ts";
import { sessionEndedEvents } from "./session_events.ts";
import { endSessionRows } from "./session_store.ts";
import {
  changesBetween,
  checkUserFields,
  mergeUser,
  sameRoles,
  subjectOf,
  type UserChanges,
} from "./user_rules.ts";
import {
  lockActiveAdmins,
  lockUser,
  updateUserFields,
  type User,
  type UserFields,
} from "./user_store.ts";
import { OPERATOR_ID } from "./users.ts";

/** New values, or how they follow from what the user is now. */
export type UserUpdate = UserChanges | ((before: User) => UserChanges);

/**
 * Changes a user. Records what happened as `user_updated`, `role_changed`, `user_suspended`, one row
 * each; no row where nothing changed. Throws `invalid`, `not_found`, `conflict` (email taken, last administrator).
 */
export async function updateUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
  update: UserUpdate,
): Promise<User> {
  return await changeUser(context, id, (before) => {
    const changes = typeof update === "function" ? update(before) : update;
    if (changes.status === "deleted") {
      throw new AppError("usage", "Cannot set the status deleted", { hint: "Delete the user." });
    }
    const after = mergeUser(before, changes);
    checkUserFields(after);
    return { after, events: updateEvents(actor, before, { ...before, ...after }) };
  });
}

/** Replaces the roles. */
export async function assignRoles(
  context: IdentityContext,
  actor: Actor,
  id: string,
  roles: readonly Tier[],
): Promise<User> {
  return await updateUser(context, actor, id, { roles });
}

/** Adds the role `admin`. */
export async function promoteUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
): Promise<User> {
  return await updateUser(context, actor, id, ({ roles }) => ({ roles: ["admin", ...roles] }));
}

/** Takes the role `admin`; who held no other becomes `user`. */
export async function demoteUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
): Promise<User> {
  return await updateUser(context, actor, id, ({ roles }) => {
    const rest = roles.filter((role) => role !== "admin");
    return { roles: rest.length === 0 ? ["user"] : rest };
  });
}

/** Deletes a user and ends its sessions. The row stays, since the audit speaks of it; the email is free again. */
export async function deleteUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
): Promise<User> {
  if (id === OPERATOR_ID) {
    throw new AppError("conflict", "Cannot delete the local operator: the command line acts as it");
  }
  return await changeUser(context, id, async (before, sql) => {
    const after = mergeUser(before, { status: "deleted" });
    const ended = await endSessionRows(sql, { userId: id });
    const user = subjectOf({ ...before, ...after });
    return {
      after,
      events: [
        ...sessionEndedEvents(actor, ended, "user_deleted"),
        identityEvent(actor, "user_deleted", { user }),
      ],
    };
  });
}

interface Change {
  readonly after: UserFields;
  readonly events: readonly IdentityEvent[];
}

/** Locks the user, changes it and records what `decide` says, in one transaction. */
async function changeUser(
  { sql: pool, record }: IdentityContext,
  id: string,
  decide: (before: User, sql: Sql) => Change | Promise<Change>,
): Promise<User> {
  const work = async (sql: Sql): Promise<User> => {
    const admins = await lockActiveAdmins(sql);
    const before = await lockUser(sql, id);
    if (!before || before.status === "deleted") {
      throw new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
    }
    const { after, events } = await decide(before, sql);
    if (events.length === 0) return before;
    refuseLastAdmin(admins, id, after);
    const user = await updateUserFields(sql, id, after);
    await record(sql, events);
    return user;
  };
  return await refuseTaken(
    "Cannot use this email: another user has it",
    () => pool.begin(work) as Promise<User>,
  );
}

function refuseLastAdmin(admins: readonly string[], id: string, after: UserFields): void {
  const remains = after.status === "active" && after.roles.includes("admin");
  if (remains || admins.length !== 1 || admins[0] !== id) return;
  throw new AppError("conflict", "Cannot take the last administrator: nobody could administer");
}

function updateEvents(actor: Actor, before: User, after: User): IdentityEvent[] {
  const user = subjectOf(after);
  const { status, ...changes } = changesBetween(before, after);
  const suspended = status !== undefined && after.status === "suspended";
  const updated = status === undefined || suspended ? changes : { ...changes, status };
  const events: IdentityEvent[] = [];
  if (Object.keys(updated).length > 0) {
    events.push(identityEvent(actor, "user_updated", { user, changes: updated }));
  }
  if (suspended) events.push(identityEvent(actor, "user_suspended", { user, from: before.status }));
  if (!sameRoles(before.roles, after.roles)) {
    events.push(
      identityEvent(actor, "role_changed", { user, from: before.roles, to: after.roles }),
    );
  }
  return events;
}
