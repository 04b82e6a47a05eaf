import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import { type IdentityContext, refuseTaken } from "./context.ts";
import { checkDepartment } from "./departments.ts";
import type { Actor } from "./events.ts";
import { deleteMembershipsOf } from "./group_store.ts";
import { keepPersonal } from "./personal_details.ts";
import { refuseAbove } from "./roles.ts";
import { type EndReason, sessionEndedEvents } from "./session_events.ts";
import { endSessionRows } from "./session_store.ts";
import { updateEvents, type UserEvent, userEvent } from "./user_events.ts";
import { checkUserFields, mergeUser, type UserChanges } from "./user_rules.ts";
import {
  disown,
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
 * each; no row where nothing changed. Throws `invalid`, `not_found`, `conflict` (email taken, last administrator),
 * `denied` (the user is above the actor, or would be).
 */
export async function updateUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
  update: UserUpdate,
): Promise<User> {
  return await changeUser(
    context,
    actor,
    id,
    (before) => updated(actor, before, typeof update === "function" ? update(before) : update),
  );
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

/**
 * Deletes a user and ends its sessions and keys; nobody answers for its service accounts then. The row stays,
 * since the audit speaks of it; the email is free again. `check` may throw for what the user is, seen while
 * nobody else can change it.
 */
export async function deleteUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
  check?: (before: User) => void,
): Promise<User> {
  const how = check ? { check } : {};
  return await context.sql.begin((sql) => deleteLocked(context, sql, actor, id, how)) as User;
}

/** Deletes users as `deleteUser` does: all of them or none. */
export async function deleteUsers(
  context: IdentityContext,
  actor: Actor,
  ids: readonly string[],
): Promise<void> {
  await context.sql.begin(async (sql) => {
    for (const id of ids) await deleteLocked(context, sql, actor, id);
  });
}

/** Changes users as `updateUser` does: all of them or none. Answers how many there was something to change of. */
export async function updateUsers(
  context: IdentityContext,
  actor: Actor,
  ids: readonly string[],
  changes: UserChanges,
): Promise<number> {
  return await context.sql.begin(async (sql) => {
    let changed = 0;
    for (const id of ids) {
      await changeLocked(context, sql, actor, id, (before) => {
        const change = updated(actor, before, changes);
        if (change.events.length > 0) changed++;
        return change;
      });
    }
    return changed;
  }) as number;
}

/** How a user is deleted. */
export interface DeleteOptions {
  /** Stands in the row. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Stands in the rows of its sessions. */
  readonly reason?: EndReason;
  readonly check?: (before: User) => void;
}

/** Deletes a user in a transaction of the caller. */
export async function deleteLocked(
  context: IdentityContext,
  sql: Sql,
  actor: Actor,
  id: string,
  { detail = {}, reason = "user_deleted", check }: DeleteOptions = {},
): Promise<User> {
  if (id === OPERATOR_ID) {
    throw new AppError("conflict", "Cannot delete the local operator: the command line acts as it");
  }
  return await changeLocked(context, sql, actor, id, async (before) => {
    check?.(before);
    const after = mergeUser(before, { status: "deleted" });
    const ended = await endSessionRows(sql, { userId: id });
    await deleteMembershipsOf(sql, id);
    await disown(sql, id);
    return {
      after,
      events: [
        ...sessionEndedEvents(actor, ended, reason).map((event) => ({ event })),
        userEvent(actor, "user_deleted", { ...before, ...after }, detail),
      ],
    };
  });
}

function updated(actor: Actor, before: User, changes: UserChanges): Change {
  if (changes.status === "deleted") {
    throw new AppError("usage", "Cannot set the status deleted", { hint: "Delete the user." });
  }
  const after = mergeUser(before, changes);
  checkUserFields(after);
  return { after, events: updateEvents(actor, before, { ...before, ...after }) };
}

interface Change {
  readonly after: UserFields;
  readonly events: readonly UserEvent[];
}

/** Locks the user, changes it and records what `decide` says, in one transaction. */
async function changeUser(
  context: IdentityContext,
  actor: Actor,
  id: string,
  decide: (before: User, sql: Sql) => Change | Promise<Change>,
): Promise<User> {
  return await refuseTaken(
    "Cannot use this email: another user has it",
    () =>
      context.sql.begin((sql) => changeLocked(context, sql, actor, id, decide)) as Promise<User>,
  );
}

/** Changes a user in a transaction of the caller. */
export async function changeLocked(
  { record }: IdentityContext,
  sql: Sql,
  actor: Actor,
  id: string,
  decide: (before: User, sql: Sql) => Change | Promise<Change>,
): Promise<User> {
  const admins = await lockActiveAdmins(sql);
  const before = await lockUser(sql, id);
  if (!before || before.status === "deleted") {
    throw new AppError("not_found", `Cannot find the user ${JSON.stringify(id)}`);
  }
  refuseAbove(actor, before.roles);
  const { after, events } = await decide(before, sql);
  if (events.length === 0) return before;
  refuseAbove(actor, after.roles);
  refuseLastAdmin(admins, id, after);
  if (after.department !== before.department) await checkDepartment(sql, after.department);
  const user = await updateUserFields(sql, id, after);
  await keepPersonal(sql, events.flatMap(({ personal }) => personal ? [personal] : []));
  await record(sql, events.map(({ event }) => event));
  return user;
}

function refuseLastAdmin(admins: readonly string[], id: string, after: UserFields): void {
  const remains = after.status === "active" && after.roles.includes("admin");
  if (remains || admins.length !== 1 || admins[0] !== id) return;
  throw new AppError("conflict", "Cannot take the last administrator: nobody could administer");
}
