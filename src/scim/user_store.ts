import type { Sql } from "../db/mod.ts";
import type { User } from "../identity/mod.ts";
import type { Columns, Fragment } from "./filter_sql.ts";

/** A user as a directory sees it. */
export interface ScimUserRow extends
  Pick<
    User,
    | "id"
    | "email"
    | "fullName"
    | "displayName"
    | "status"
    | "roles"
    | "department"
    | "createdAt"
    | "updatedAt"
  > {
  readonly userName: string;
  readonly externalId: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly groups: readonly { readonly value: string; readonly display: string }[];
}

/** What is kept of a user for a directory alone. */
export interface ScimUserFields {
  readonly userName: string;
  readonly externalId: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
}

/** The attributes that users are found by. */
export function userColumns(sql: Sql): Columns {
  const text = (value: Fragment) => ({ kind: "text" as const, value });
  const email = text(sql`u.email`);
  return {
    id: { kind: "exact", value: sql`u.id`, equals: (id) => sql`(u.id = ${id})` },
    externalid: {
      kind: "exact",
      value: sql`s.external_id`,
      equals: (id) => sql`(u.id in (select user_id from scim_users where external_id = ${id}))`,
    },
    username: {
      ...text(sql`coalesce(s.user_name, u.email)`),
      // Asked of each user by each directory: by the indexes of both.
      equals: (name) =>
        sql`(u.id in (
          select user_id from scim_users where lower(user_name) = lower(${name})
          union all
          select e.id from users e
           where lower(e.email) = lower(${name}) and e.status <> 'deleted'
             and not exists (select 1 from scim_users x where x.user_id = e.id)))`,
    },
    "name.formatted": text(sql`u.full_name`),
    "name.givenname": text(sql`s.given_name`),
    "name.familyname": text(sql`s.family_name`),
    displayname: text(sql`u.display_name`),
    emails: email,
    "emails.value": email,
    "emails.type": text(sql`'work'`),
    "emails.primary": { kind: "boolean", value: sql`true` },
    active: { kind: "boolean", value: sql`(u.status = 'active')` },
    department: text(sql`u.department`),
    "meta.created": { kind: "time", value: sql`u.created_at` },
    "meta.lastmodified": { kind: "time", value: sql`u.updated_at` },
  };
}

/** Only people are a directory's; programs are not. */
const visible = (sql: Sql) => sql`u.status <> 'deleted' and u.kind = 'person'`;

function selected(sql: Sql): Fragment {
  return sql`
    u.id, u.email, u.full_name, u.display_name, u.status, u.roles, u.department, u.created_at,
    u.updated_at, coalesce(s.user_name, u.email) as user_name, s.external_id, s.given_name, s.family_name,
    coalesce((select json_agg(json_build_object('value', g.id, 'display', g.name) order by g.id)
                from group_members m join groups g on g.id = m.group_id
               where m.user_id = u.id), '[]') as groups`;
}

/** The user; undefined where there is none such. `lock` keeps others from changing it until the transaction ends. */
export async function findScimUser(
  sql: Sql,
  id: string,
  lock = false,
): Promise<ScimUserRow | undefined> {
  const [row] = await sql<ScimUserRow[]>`
    select ${selected(sql)} from users u left join scim_users s on s.user_id = u.id
     where u.id = ${id} and ${visible(sql)} ${lock ? sql`for update of u` : sql``}
  `;
  return row;
}

/** The users that match, from the oldest on. */
export async function listScimUsers(
  sql: Sql,
  where: Fragment,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ScimUserRow[]> {
  return await sql<ScimUserRow[]>`
    select ${selected(sql)} from users u left join scim_users s on s.user_id = u.id
     where ${visible(sql)} and ${where} order by u.id limit ${limit} offset ${offset}
  `;
}

/** How many match. */
export async function countScimUsers(sql: Sql, where: Fragment): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from users u left join scim_users s on s.user_id = u.id
     where ${visible(sql)} and ${where}
  `;
  return row?.n ?? 0;
}

/** Whether another user is called so by a directory, or has that as its email. */
export async function isUserNameTaken(sql: Sql, name: string, ownId: string): Promise<boolean> {
  const [row] = await sql`
    select 1 from scim_users where lower(user_name) = lower(${name}) and user_id <> ${ownId}
    union all
    select 1 from users
     where lower(email) = lower(${name}) and status <> 'deleted' and id <> ${ownId}
    limit 1
  `;
  return row !== undefined;
}

/** Keeps what a directory says of a user. */
export async function saveScimUser(
  sql: Sql,
  id: string,
  { userName, externalId, givenName, familyName }: ScimUserFields,
): Promise<void> {
  await sql`
    insert into scim_users (user_id, user_name, external_id, given_name, family_name)
    values (${id}, ${userName}, ${externalId}, ${givenName}, ${familyName})
    on conflict (user_id) do update
       set user_name = excluded.user_name, external_id = excluded.external_id,
           given_name = excluded.given_name, family_name = excluded.family_name
  `;
}
