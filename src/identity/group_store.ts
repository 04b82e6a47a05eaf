import type { Sql } from "../db/mod.ts";
import type { User } from "./user_store.ts";

/** Users who belong together, for policies: `principal in Group::"on-call"`. Grants nothing by itself. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A group with the number of its members who are not deleted. */
export type GroupSummary = Group & { readonly members: number };

export async function insertGroup(
  sql: Sql,
  { id, name, description }: Pick<Group, "id" | "name" | "description">,
): Promise<Group> {
  const [row] = await sql<Group[]>`
    insert into groups (id, name, description) values (${id}, ${name}, ${description}) returning *
  `;
  if (!row) throw new Error(`Cannot store the group "${name}"`);
  return row;
}

export async function updateGroupFields(
  sql: Sql,
  id: string,
  { name, description }: Pick<Group, "name" | "description">,
): Promise<Group> {
  const [row] = await sql<Group[]>`
    update groups set name = ${name}, description = ${description}, updated_at = clock_timestamp()
     where id = ${id} returning *
  `;
  if (!row) throw new Error(`Cannot update the group "${id}": it is not there`);
  return row;
}

/** Its members are none any more. */
export async function deleteGroupRow(sql: Sql, id: string): Promise<void> {
  await sql`delete from groups where id = ${id}`;
}

/** By id, or by name in any case. */
export async function findGroup(sql: Sql, reference: string): Promise<Group | undefined> {
  const [row] = await sql<Group[]>`
    select * from groups where id = ${reference} or lower(name) = lower(${reference})
     order by (id = ${reference}) desc limit 1
  `;
  return row;
}

/** The group with its row locked until the transaction ends. */
export async function lockGroup(sql: Sql, id: string): Promise<Group | undefined> {
  const [row] = await sql<Group[]>`select * from groups where id = ${id} for update`;
  return row;
}

/** By name. */
export async function listGroups(
  sql: Sql,
  page: { readonly limit: number; readonly offset: number },
): Promise<GroupSummary[]> {
  return await sql<GroupSummary[]>`
    select g.*, (select count(*)::int from group_members m join users u on u.id = m.user_id
                  where m.group_id = g.id and u.status <> 'deleted') as members
      from groups g order by lower(g.name), g.id limit ${page.limit} offset ${page.offset}
  `;
}

export async function countGroups(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from groups`;
  return row?.n ?? 0;
}

/** The groups of a user, by name. */
export async function listGroupsOf(sql: Sql, userId: string): Promise<Group[]> {
  return await sql<Group[]>`
    select g.* from groups g join group_members m on m.group_id = g.id
     where m.user_id = ${userId} order by lower(g.name)
  `;
}

/** Members who are not deleted, by name. */
export async function listMembers(
  sql: Sql,
  groupId: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<User[]> {
  return await sql<User[]>`
    select u.* from users u join group_members m on m.user_id = u.id
     where m.group_id = ${groupId} and u.status <> 'deleted'
     order by lower(u.name), u.id limit ${page.limit} offset ${page.offset}
  `;
}

/** Ids of those of the users who were no members before. */
export async function insertMembers(
  sql: Sql,
  groupId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const rows = await sql<{ userId: string }[]>`
    insert into group_members (group_id, user_id)
    select ${groupId}, id from users where id = any(${userIds as string[]}) and status <> 'deleted'
    on conflict do nothing returning user_id
  `;
  return rows.map(({ userId }) => userId);
}

/** Ids of those of the users who were members. */
export async function deleteMembers(
  sql: Sql,
  groupId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const rows = await sql<{ userId: string }[]>`
    delete from group_members where group_id = ${groupId} and user_id = any(${userIds as string[]})
    returning user_id
  `;
  return rows.map(({ userId }) => userId);
}

/** Takes a user out of every group; the ids of those it was in. */
export async function deleteMembershipsOf(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql<{ groupId: string }[]>`
    delete from group_members where user_id = ${userId} returning group_id
  `;
  return rows.map(({ groupId }) => groupId);
}

/** Puts one user into every group that another is in; how many groups it came to. */
export async function copyMemberships(sql: Sql, from: string, to: string): Promise<number> {
  const { count } = await sql`
    insert into group_members (group_id, user_id)
    select group_id, ${to} from group_members where user_id = ${from}
    on conflict do nothing
  `;
  return count;
}
