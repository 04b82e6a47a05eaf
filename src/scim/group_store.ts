import type { Sql } from "../db/mod.ts";
import type { Columns, Fragment } from "./filter_sql.ts";

/** A group as a directory sees it. */
export interface ScimGroupRow {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | null;
  /** Whether a directory looks after it. */
  readonly isOwn: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A member, as it is shown. */
export interface ScimMember {
  readonly value: string;
  readonly display: string;
}

/** The attributes that groups are found by. */
export function groupColumns(sql: Sql): Columns {
  const members: Columns[string] = {
    kind: "key",
    equals: (id) => sql`(g.id in (select group_id from group_members where user_id = ${id}))`,
  };
  return {
    id: { kind: "exact", value: sql`g.id`, equals: (id) => sql`(g.id = ${id})` },
    externalid: { kind: "exact", value: sql`s.external_id` },
    displayname: {
      kind: "text",
      value: sql`g.name`,
      equals: (name) => sql`(lower(g.name) = lower(${name}))`,
    },
    members,
    "members.value": members,
    "meta.created": { kind: "time", value: sql`g.created_at` },
    "meta.lastmodified": { kind: "time", value: sql`g.updated_at` },
  };
}

function selected(sql: Sql): Fragment {
  return sql`
    g.id, g.name, g.created_at, g.updated_at, s.external_id, s.group_id is not null as is_own`;
}

/** The group; undefined where there is none such. `lock` keeps others from changing it until the transaction ends. */
export async function findScimGroup(
  sql: Sql,
  id: string,
  lock = false,
): Promise<ScimGroupRow | undefined> {
  const [row] = await sql<ScimGroupRow[]>`
    select ${selected(sql)} from groups g left join scim_groups s on s.group_id = g.id
     where g.id = ${id} ${lock ? sql`for update of g` : sql``}
  `;
  return row;
}

/** The groups that match, from the oldest on. */
export async function listScimGroups(
  sql: Sql,
  where: Fragment,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ScimGroupRow[]> {
  return await sql<ScimGroupRow[]>`
    select ${selected(sql)} from groups g left join scim_groups s on s.group_id = g.id
     where ${where} order by g.id limit ${limit} offset ${offset}
  `;
}

/** How many match. */
export async function countScimGroups(sql: Sql, where: Fragment): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from groups g left join scim_groups s on s.group_id = g.id where ${where}
  `;
  return row?.n ?? 0;
}

/** The members of groups who are not deleted, by group. */
export async function listScimMembers(
  sql: Sql,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ScimMember[]>> {
  const rows = await sql<(ScimMember & { groupId: string })[]>`
    select m.group_id, u.id as value, u.name as display
      from group_members m join users u on u.id = m.user_id
     where m.group_id = any(${groupIds as string[]}) and u.status <> 'deleted' order by u.id
  `;
  const members = new Map<string, ScimMember[]>(groupIds.map((id) => [id, []]));
  for (const { groupId, value, display } of rows) members.get(groupId)?.push({ value, display });
  return members;
}

/** Which of the ids are users who are not deleted. */
export async function findKnownUsers(
  sql: Sql,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ id: string }[]>`
    select id from users where id = any(${ids as string[]}) and status <> 'deleted'
  `;
  return new Set(rows.map(({ id }) => id));
}

/** Keeps what a directory says of a group, and that it looks after it. */
export async function saveScimGroup(
  sql: Sql,
  id: string,
  externalId: string | null,
): Promise<void> {
  await sql`
    insert into scim_groups (group_id, external_id) values (${id}, ${externalId})
    on conflict (group_id) do update set external_id = excluded.external_id
  `;
}
