import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { type IdentityContext, refuseTaken } from "./context.ts";
import { type Actor, identityEvent } from "./events.ts";
import {
  deleteGroupRow,
  deleteMembers,
  findGroup,
  type Group,
  insertGroup,
  insertMembers,
  lockGroup,
  updateGroupFields,
} from "./group_store.ts";
import { checkText } from "./user_rules.ts";

/** What may be set of a group. */
export interface GroupFields {
  readonly name: string;
  readonly description?: string;
}

/** Who comes into a group and who leaves it, by ids. */
export interface MemberChanges {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** By id, or by name in any case. Throws `not_found`. */
export async function getGroup(sql: Sql, reference: string): Promise<Group> {
  const group = await findGroup(sql, reference);
  if (group) return group;
  throw new AppError("not_found", `Cannot find the group ${JSON.stringify(reference)}`);
}

/** Creates a group without members, recorded as `group_created`. Throws `invalid`, `conflict` (name taken). */
export async function createGroup(
  { sql: pool, record, clock }: IdentityContext,
  actor: Actor,
  input: GroupFields,
): Promise<Group> {
  const fields = checked(input);
  return await unlessTaken(fields.name, () =>
    pool.begin(async (sql) => {
      const group = await insertGroup(sql, { id: `grp_${uuidV7(clock.now())}`, ...fields });
      await record(sql, [identityEvent(actor, "group_created", { group: named(group) })]);
      return group;
    }) as Promise<Group>);
}

/** Renames or describes a group, recorded as `group_changed`; no row where nothing changed. */
export async function updateGroup(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  id: string,
  changes: Partial<GroupFields>,
): Promise<Group> {
  const work = async (sql: Sql): Promise<Group> => {
    const before = await locked(sql, id);
    const after = checked({ ...before, ...changes });
    if (after.name === before.name && after.description === before.description) return before;
    const group = await updateGroupFields(sql, id, after);
    const from = { name: before.name, description: before.description };
    await record(sql, [
      identityEvent(actor, "group_changed", { group: named(group), from, to: after }),
    ]);
    return group;
  };
  return await unlessTaken(changes.name ?? "", () => pool.begin(work) as Promise<Group>);
}

/** Deletes a group: its members are none any more. Throws `not_found`. */
export async function deleteGroup(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  id: string,
): Promise<Group> {
  return await pool.begin(async (sql) => {
    const group = await locked(sql, id);
    await deleteGroupRow(sql, id);
    await record(sql, [identityEvent(actor, "group_deleted", { group: named(group) })]);
    return group;
  }) as Group;
}

/**
 * Takes users in and out, recorded as one `group_changed`; answers who really came and went. Users who do not
 * exist or are deleted do not come. It counts for their calls in under a second.
 */
export async function changeMembers(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  id: string,
  { add = [], remove = [] }: MemberChanges,
): Promise<{ readonly added: readonly string[]; readonly removed: readonly string[] }> {
  return await pool.begin(async (sql) => {
    const group = await locked(sql, id);
    const removed = await deleteMembers(sql, id, remove);
    const added = await insertMembers(sql, id, add);
    if (added.length + removed.length > 0) {
      await record(sql, [
        identityEvent(actor, "group_changed", { group: named(group), added, removed }),
      ]);
    }
    return { added, removed };
  }) as { added: string[]; removed: string[] };
}

async function locked(sql: Sql, id: string): Promise<Group> {
  const group = await lockGroup(sql, id);
  if (group) return group;
  throw new AppError("not_found", `Cannot find the group ${JSON.stringify(id)}`);
}

function checked({ name, description = "" }: GroupFields): Required<GroupFields> {
  const fields = { name: name.trim(), description: description.trim() };
  checkText("name", fields.name, true);
  checkText("description", fields.description);
  return fields;
}

function named({ id, name }: Group): Readonly<Record<string, unknown>> {
  return { id, name };
}

function unlessTaken<T>(name: string, work: () => Promise<T>): Promise<T> {
  return refuseTaken(`There is a group ${JSON.stringify(name)} already`, work);
}
