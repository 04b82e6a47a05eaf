import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { IdentityContext } from "./context.ts";
import {
  clearDeletedMembers,
  countMembersEver,
  deleteDepartmentRow,
  type Department,
  findDepartment,
  heightOf,
  insertDepartment,
  listAncestors,
  lockDepartments,
  MAX_DEPTH,
  updateDepartmentFields,
} from "./department_store.ts";
import { type Actor, identityEvent } from "./events.ts";
import { checkText } from "./user_rules.ts";

/** A slash would make paths ambiguous, a leading dash a flag. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.&+()-]{0,99}$/u;

/** A department to create. */
export interface NewDepartment {
  readonly name: string;
  /** Name of the one above it. */
  readonly parent?: string;
  readonly description?: string;
}

/** What may be changed; what is not given stays. An empty `parent` moves it to the top. */
export interface DepartmentChanges {
  readonly name?: string;
  readonly parent?: string;
  readonly description?: string;
}

/** The department of exactly this name. Throws `not_found`. */
export async function getDepartment(sql: Sql, name: string): Promise<Department> {
  const found = await findDepartment(sql, name);
  if (found?.name === name) return found;
  const hint = found ? `Did you mean ${JSON.stringify(found.name)}?` : undefined;
  throw new AppError("not_found", `Cannot find the department ${JSON.stringify(name)}`, {
    ...hint && { hint },
  });
}

/** Throws `invalid` unless the department is there: a misspelt one would escape the rules of the real one. */
export async function checkDepartment(sql: Sql, name: string | null): Promise<void> {
  if (name === null) return;
  const found = await findDepartment(sql, name);
  if (found?.name === name) return;
  throw new AppError("invalid", `There is no department ${JSON.stringify(name)}`, {
    hint: found
      ? `Did you mean ${JSON.stringify(found.name)}?`
      : "Create it first: admin departments create.",
  });
}

/** Creates a department, recorded as `department_created`. Throws `invalid`, `not_found` (parent), `conflict`. */
export async function createDepartment(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  { name, parent, description = "" }: NewDepartment,
): Promise<Department> {
  checkFields(name, description);
  return await pool.begin(async (sql) => {
    await lockDepartments(sql);
    await refuseTakenName(sql, name);
    if (parent !== undefined) await checkParent(sql, undefined, parent);
    const made = await insertDepartment(sql, { name, parent: parent ?? null, description });
    await record(sql, [
      identityEvent(actor, "department_created", { department: name, parent: made.parent }),
    ]);
    return made;
  }) as Department;
}

/**
 * Renames, moves or describes a department; its users and what is below it go with it. Recorded as
 * `department_changed`; no row where nothing changed. Throws `invalid` (a circle, too deep), `not_found`, `conflict`.
 */
export async function updateDepartment(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  name: string,
  changes: DepartmentChanges,
): Promise<Department> {
  return await pool.begin(async (sql) => {
    await lockDepartments(sql);
    const before = await getDepartment(sql, name);
    const after = merge(before, changes);
    const changed = differences(before, after);
    if (Object.keys(changed).length === 0) return before;
    checkFields(after.name, after.description);
    if (after.name !== before.name) await refuseTakenName(sql, after.name, before.name);
    if (after.parent !== null && after.parent !== before.parent) {
      await checkParent(sql, before.name, after.parent);
    }
    const updated = await updateDepartmentFields(sql, before.name, after);
    await record(sql, [
      identityEvent(actor, "department_changed", { department: before.name, changes: changed }),
    ]);
    return updated;
  }) as Department;
}

/** Deletes a department that nobody is in and nothing is below. Throws `not_found`, `conflict`. */
export async function deleteDepartment(
  { sql: pool, record }: IdentityContext,
  actor: Actor,
  name: string,
): Promise<Department> {
  return await pool.begin(async (sql) => {
    await lockDepartments(sql);
    const found = await getDepartment(sql, name);
    await clearDeletedMembers(sql, name);
    const members = await countMembersEver(sql, name);
    const below = await heightOf(sql, name) - 1;
    if (members > 0 || below > 0) {
      const why = members > 0 ? `${members} users are in it` : "departments are below it";
      throw new AppError("conflict", `Cannot delete the department "${name}": ${why}`);
    }
    await deleteDepartmentRow(sql, name);
    await record(sql, [identityEvent(actor, "department_deleted", { department: name })]);
    return found;
  }) as Department;
}

type Fields = Pick<Department, "name" | "parent" | "description">;

function merge(before: Department, { name, parent, description }: DepartmentChanges): Fields {
  return {
    name: name?.trim() ?? before.name,
    parent: parent === undefined ? before.parent : parent.trim() || null,
    description: description?.trim() ?? before.description,
  };
}

function differences(before: Fields, after: Fields): Readonly<Record<string, unknown>> {
  const names = ["name", "parent", "description"] as const;
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name])
      .map((name) => [name, { from: before[name], to: after[name] }]),
  );
}

function checkFields(name: string, description: string): void {
  if (!NAME.test(name) || name !== name.trim()) {
    throw new AppError("invalid", `Cannot call a department ${JSON.stringify(name)}`, {
      hint:
        "Up to 100 letters, digits, spaces and _ . & + ( ) -, beginning with a letter or digit.",
    });
  }
  checkText("description", description);
}

/** Names that differ in case only would look like one and have other rules. */
async function refuseTakenName(sql: Sql, name: string, own?: string): Promise<void> {
  const taken = await findDepartment(sql, name);
  if (!taken || taken.name === own) return;
  throw new AppError("conflict", `There is a department ${JSON.stringify(taken.name)} already`);
}

/** Throws where `parent` is not there, is `name` itself or below it, or the tree became too deep. */
async function checkParent(sql: Sql, name: string | undefined, parent: string): Promise<void> {
  await checkDepartment(sql, parent);
  const above = await listAncestors(sql, parent);
  if (name !== undefined && above.includes(name)) {
    throw new AppError("invalid", `Cannot move "${name}" below "${parent}": that is below it`);
  }
  const height = name === undefined ? 1 : await heightOf(sql, name);
  if (above.length + height <= MAX_DEPTH) return;
  throw new AppError("invalid", `Cannot go deeper than ${MAX_DEPTH} departments`);
}
