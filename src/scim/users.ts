import { createUser, deleteUser, type IdentityContext, updateUser } from "../identity/mod.ts";
import type { Sql } from "../db/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import { ENTERPRISE_SCHEMA, USER_ATTRIBUTES, USER_SCHEMA } from "./attributes.ts";
import { changing, checkMatch, type Resource, type ScimContext, withMeta } from "./context.ts";
import { applyPatch, type Draft, readPatch } from "./patch.ts";
import { readUser, type UserInput } from "./read_user.ts";
import { ScimError } from "./scim_error.ts";
import { findScimUser, isUserNameTaken, saveScimUser, type ScimUserRow } from "./user_store.ts";

/** A user as it is shown. */
export function userResource(context: Pick<ScimContext, "base">, row: ScimUserRow): Resource {
  const { id, userName, externalId, fullName, givenName, familyName, displayName, email } = row;
  const name = present({ formatted: fullName, givenName, familyName });
  return withMeta(context, "User", {
    schemas: [USER_SCHEMA, ...row.department === null ? [] : [ENTERPRISE_SCHEMA]],
    id,
    ...present({ externalId }),
    userName,
    ...Object.keys(name).length > 0 && { name },
    ...present({ displayName }),
    emails: [{ value: email, type: "work", primary: true }],
    active: row.status === "active",
    roles: row.roles.map((value) => ({ value })),
    groups: row.groups.map(({ value, display }) => ({
      ...{ value, display, type: "direct" },
      $ref: `${context.base}/Groups/${encodeURIComponent(value)}`,
    })),
    ...row.department !== null && { [ENTERPRISE_SCHEMA]: { department: row.department } },
  }, row);
}

function present(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => value === null ? [] : [[name, value]]),
  );
}

/** Makes a user with these roles. Throws 409 where somebody is called so or has the email. */
export async function createScimUser(
  context: ScimContext,
  body: Readonly<Record<string, unknown>>,
  roles: readonly Tier[],
): Promise<Resource> {
  const draft: Draft = {};
  applyPatch(draft, USER_ATTRIBUTES, [{ op: "add", path: undefined, value: body }]);
  const input = readUser(draft);
  return await changing(context, async (identity, sql) => {
    await refuseTakenName(sql, input, "");
    const { id } = await createUser(identity, context.actor, {
      ...personOf(input),
      roles,
      emailVerified: true,
      status: input.active ? "active" : "inactive",
    });
    await saveScimUser(sql, id, input);
    return userResource(context, await getUserRow(sql, id));
  });
}

/** Puts another description in the place of the one before. */
export async function replaceScimUser(
  context: ScimContext,
  id: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Resource> {
  return await changeScimUser(context, id, () => {
    const draft: Draft = {};
    applyPatch(draft, USER_ATTRIBUTES, [{ op: "add", path: undefined, value: body }]);
    return draft;
  });
}

/** Changes what the operations say. */
export async function patchScimUser(
  context: ScimContext,
  id: string,
  body: unknown,
): Promise<Resource> {
  const operations = readPatch(body);
  return await changeScimUser(context, id, (row) => {
    const draft = draftOf(row);
    applyPatch(draft, USER_ATTRIBUTES, operations);
    return draft;
  });
}

/** Deletes a user: sessions and keys are over. */
export async function deleteScimUser(context: ScimContext, id: string): Promise<void> {
  await changing(context, async (identity, sql) => {
    await getChangeable(context, sql, id);
    await deleteUser(identity, context.actor, id);
  });
}

/** The user as it is shown. Throws 404. */
export async function getScimUser(context: ScimContext, id: string): Promise<Resource> {
  return userResource(context, await getUserRow(context.identity.sql, id));
}

async function changeScimUser(
  context: ScimContext,
  id: string,
  change: (row: ScimUserRow) => Draft,
): Promise<Resource> {
  return await changing(context, async (identity, sql) => {
    const before = await getChangeable(context, sql, id);
    const input = readUser(change(before));
    await refuseTakenName(sql, input, id);
    await updatePerson(identity, context, before, input);
    await saveScimUser(sql, id, input);
    return userResource(context, await getUserRow(sql, id));
  });
}

async function updatePerson(
  identity: IdentityContext,
  { actor }: ScimContext,
  { id, status }: ScimUserRow,
  input: UserInput,
): Promise<void> {
  const { name: _, ...person } = personOf(input);
  await updateUser(identity, actor, id, {
    ...person,
    emailVerified: true,
    status: statusOf(status, input.active),
  });
}

/** A directory says who is active; it does not lift what an operator imposed. */
function statusOf(before: ScimUserRow["status"], active: boolean): ScimUserRow["status"] {
  if (!active) return before === "suspended" ? "suspended" : "inactive";
  if (before !== "suspended") return "active";
  throw new ScimError(
    400,
    "An operator suspended the user: only an operator ends that",
    "mutability",
  );
}

/** What of it stands with the user itself. */
function personOf(input: UserInput) {
  return {
    email: input.email,
    name: input.userName,
    fullName: input.fullName,
    displayName: input.displayName,
    department: input.department,
  };
}

/** What a patch changes. */
function draftOf(row: ScimUserRow): Draft {
  return {
    userName: row.userName,
    externalId: row.externalId ?? undefined,
    name: present({
      ...{ formatted: row.fullName, givenName: row.givenName, familyName: row.familyName },
    }),
    displayName: row.displayName ?? undefined,
    emails: [{ value: row.email, type: "work", primary: true }],
    active: row.status === "active",
    department: row.department ?? undefined,
  };
}

/** The row, locked, if the caller may change it and names its state. */
async function getChangeable(context: ScimContext, sql: Sql, id: string): Promise<ScimUserRow> {
  const row = await getUserRow(sql, id, true);
  checkMatch(context, userResource(context, row));
  if (!row.roles.includes("admin")) return row;
  throw new ScimError(403, "An administrator is not changed by a directory");
}

async function getUserRow(sql: Sql, id: string, lock = false): Promise<ScimUserRow> {
  const row = await findScimUser(sql, id, lock);
  if (row) return row;
  throw new ScimError(404, `There is no user ${JSON.stringify(id.slice(0, 100))}`);
}

async function refuseTakenName(sql: Sql, { userName }: UserInput, ownId: string): Promise<void> {
  if (!await isUserNameTaken(sql, userName, ownId)) return;
  throw new ScimError(409, `There is a user ${JSON.stringify(userName)} already`, "uniqueness");
}
