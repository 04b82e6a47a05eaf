import type { Sql } from "../db/mod.ts";
import { changeMembers, createGroup, deleteGroup, updateGroup } from "../identity/mod.ts";
import { GROUP_ATTRIBUTES, GROUP_SCHEMA } from "./attributes.ts";
import { changing, checkMatch, type Resource, type ScimContext, withMeta } from "./context.ts";
import {
  findKnownUsers,
  findScimGroup,
  listScimMembers,
  saveScimGroup,
  type ScimGroupRow,
  type ScimMember,
} from "./group_store.ts";
import { applyPatch, type Draft, isObject, readPatch } from "./patch.ts";
import { ScimError } from "./scim_error.ts";

/** What a directory may put into one group. */
const MAX_MEMBERS = 50_000;

/** A group as it is shown. */
export function groupResource(
  context: Pick<ScimContext, "base">,
  row: ScimGroupRow,
  members: readonly ScimMember[],
): Resource {
  const { id, name, externalId } = row;
  return withMeta(context, "Group", {
    schemas: [GROUP_SCHEMA],
    id,
    ...externalId !== null && { externalId },
    displayName: name,
    members: members.map(({ value, display }) => ({
      ...{ value, display, type: "User" },
      $ref: `${context.base}/Users/${encodeURIComponent(value)}`,
    })),
  }, row);
}

/** Makes a group that the directory looks after. */
export async function createScimGroup(
  context: ScimContext,
  body: Readonly<Record<string, unknown>>,
): Promise<Resource> {
  const input = readGroup(draftFrom(body));
  return await changing(context, async (identity, sql) => {
    const { id } = await createGroup(identity, context.actor, { name: input.displayName });
    await saveScimGroup(sql, id, input.externalId);
    await refuseStrangers(sql, input.members);
    if (input.members.length > 0) {
      await changeMembers(identity, context.actor, id, { add: input.members });
    }
    return await getResource(context, sql, id);
  });
}

/** Puts another description, and other members, in the place of those before. */
export async function replaceScimGroup(
  context: ScimContext,
  id: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Resource> {
  return await changeScimGroup(context, id, () => draftFrom(body));
}

/** Changes what the operations say. */
export async function patchScimGroup(
  context: ScimContext,
  id: string,
  body: unknown,
): Promise<Resource> {
  const operations = readPatch(body);
  return await changeScimGroup(context, id, (row, members) => {
    const draft: Draft = {
      displayName: row.name,
      externalId: row.externalId ?? undefined,
      members: members.map(({ value }) => ({ value })),
    };
    applyPatch(draft, GROUP_ATTRIBUTES, operations);
    return draft;
  });
}

/** Deletes a group: its members are none any more. */
export async function deleteScimGroup(context: ScimContext, id: string): Promise<void> {
  await changing(context, async (identity, sql) => {
    await getChangeable(context, sql, id);
    await deleteGroup(identity, context.actor, id);
  });
}

/** The group as it is shown. Throws 404. */
export async function getScimGroup(context: ScimContext, id: string): Promise<Resource> {
  return await getResource(context, context.identity.sql, id);
}

async function changeScimGroup(
  context: ScimContext,
  id: string,
  change: (row: ScimGroupRow, members: readonly ScimMember[]) => Draft,
): Promise<Resource> {
  return await changing(context, async (identity, sql) => {
    const { row, members } = await getChangeable(context, sql, id);
    const input = readGroup(change(row, members));
    const before = new Set(members.map(({ value }) => value));
    const after = new Set(input.members);
    const add = [...after].filter((each) => !before.has(each));
    const remove = [...before].filter((each) => !after.has(each));
    await refuseStrangers(sql, add);
    await updateGroup(identity, context.actor, id, { name: input.displayName });
    await saveScimGroup(sql, id, input.externalId);
    if (add.length + remove.length > 0) {
      await changeMembers(identity, context.actor, id, { add, remove });
    }
    return await getResource(context, sql, id);
  });
}

interface GroupInput {
  readonly displayName: string;
  readonly externalId: string | null;
  readonly members: readonly string[];
}

function draftFrom(body: Readonly<Record<string, unknown>>): Draft {
  const draft: Draft = {};
  applyPatch(draft, GROUP_ATTRIBUTES, [{ op: "add", path: undefined, value: body }]);
  return draft;
}

function readGroup({ displayName, externalId = null, members }: Draft): GroupInput {
  if (typeof displayName !== "string" || displayName.trim() === "") {
    throw new ScimError(400, 'A group needs a "displayName"', "invalidValue");
  }
  if (externalId !== null && (typeof externalId !== "string" || externalId.length > 200)) {
    throw new ScimError(400, '"externalId" is no text of at most 200 characters', "invalidValue");
  }
  const ids = (Array.isArray(members) ? members : []).map(memberId);
  if (ids.length > MAX_MEMBERS) {
    throw new ScimError(413, `A group has at most ${MAX_MEMBERS} members`, "tooMany");
  }
  return { displayName, externalId, members: [...new Set(ids)] };
}

function memberId(member: unknown): string {
  const value = isObject(member) ? member["value"] : undefined;
  if (typeof value === "string" && /^[\x21-\x7e]{1,128}$/.test(value)) return value;
  throw new ScimError(400, "A member is named by the id of a user", "invalidValue");
}

async function refuseStrangers(sql: Sql, ids: readonly string[]): Promise<void> {
  const known = await findKnownUsers(sql, ids);
  const stranger = ids.find((id) => !known.has(id));
  if (stranger === undefined) return;
  throw new ScimError(400, `There is no user ${JSON.stringify(stranger)}`, "invalidValue");
}

async function getResource(context: ScimContext, sql: Sql, id: string): Promise<Resource> {
  const row = await getRow(sql, id);
  return groupResource(context, row, await membersOf(sql, id));
}

/** The group, locked, if a directory may change it and the caller names its state. */
async function getChangeable(
  context: ScimContext,
  sql: Sql,
  id: string,
): Promise<{ readonly row: ScimGroupRow; readonly members: readonly ScimMember[] }> {
  const row = await getRow(sql, id, true);
  const members = await membersOf(sql, id);
  checkMatch(context, groupResource(context, row, members));
  if (row.isOwn) return { row, members };
  throw new ScimError(403, "A group that no directory made is not changed by one");
}

async function getRow(sql: Sql, id: string, lock = false): Promise<ScimGroupRow> {
  const row = await findScimGroup(sql, id, lock);
  if (row) return row;
  throw new ScimError(404, `There is no group ${JSON.stringify(id.slice(0, 100))}`);
}

async function membersOf(sql: Sql, id: string): Promise<readonly ScimMember[]> {
  return (await listScimMembers(sql, [id])).get(id) ?? [];
}
