import type { Tier } from "../kernel/tiers.ts";
import type { Sql } from "../db/mod.ts";

/** States of a user; only active ones are let in. */
export const USER_STATUSES = ["active", "inactive", "suspended", "pending", "deleted"] as const;
/** One of them. */
export type UserStatus = typeof USER_STATUSES[number];

/** Somebody who signs in, or a program that somebody answers for. */
export type UserKind = "person" | "service";

/** A user as it is stored. */
export interface User {
  readonly id: string;
  readonly kind: UserKind;
  readonly email: string;
  readonly name: string;
  readonly fullName: string | null;
  readonly displayName: string | null;
  readonly status: UserStatus;
  /** The tiers that the user may take. */
  readonly roles: readonly Tier[];
  /** Name of the department; the tree of them is in `departments`. */
  readonly department: string | null;
  readonly description: string;
  readonly emailVerified: boolean;
  /** Who answers for a service account. */
  readonly ownerId: string | null;
  /** Whom a deleted user was merged into. */
  readonly mergedInto: string | null;
  readonly anonymisedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What may be set of a user. */
export type UserFields = Omit<
  User,
  "id" | "mergedInto" | "anonymisedAt" | "createdAt" | "updatedAt"
>;

/** Which users to list or count; what is not given does not matter. */
export interface UserFilter {
  readonly kind?: UserKind;
  readonly role?: Tier;
  /** Exactly this department. */
  readonly department?: string;
  /** Service accounts of this person. */
  readonly ownerId?: string;
  /** Members of the group of this id. */
  readonly groupId?: string;
  /** Created before this moment. */
  readonly before?: Date;
  /** Everybody but deleted users unless given. */
  readonly status?: UserStatus;
  /** Part of a name or an email, in any case. */
  readonly text?: string;
}

/** How many users there are, in all and by part. */
export interface UserCounts {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byRole: Readonly<Record<string, number>>;
}

/** Inserts a user; undefined when the id is taken. Throws where the email is. */
export async function insertUser(
  sql: Sql,
  id: string,
  fields: UserFields,
): Promise<User | undefined> {
  const [user] = await sql<User[]>`
    insert into users (id, kind, email, name, full_name, display_name, status, roles, department,
                       description, email_verified, owner_id)
    values (${id}, ${fields.kind}, ${fields.email}, ${fields.name}, ${fields.fullName},
            ${fields.displayName}, ${fields.status}, ${fields
    .roles as Tier[]}, ${fields.department},
            ${fields.description}, ${fields.emailVerified}, ${fields.ownerId})
    on conflict (id) do nothing
    returning *
  `;
  return user;
}

/** Writes all fields of a user that is there. */
export async function updateUserFields(sql: Sql, id: string, fields: UserFields): Promise<User> {
  const [user] = await sql<User[]>`
    update users
       set email = ${fields.email}, name = ${fields.name}, full_name = ${fields.fullName},
           display_name = ${fields.displayName}, status = ${fields.status},
           roles = ${fields.roles as Tier[]}, department = ${fields.department},
           description = ${fields.description}, email_verified = ${fields.emailVerified},
           owner_id = ${fields.ownerId}, updated_at = clock_timestamp()
     where id = ${id}
    returning *
  `;
  if (!user) throw new Error(`Cannot update the user "${id}": it is not there`);
  return user;
}

/** Users whose id, email or name is `reference`; deleted ones by their id only. */
export async function findUsers(sql: Sql, reference: string): Promise<User[]> {
  return await sql<User[]>`
    select * from users
     where id = ${reference}
        or (status <> 'deleted' and (lower(email) = lower(${reference}) or name = ${reference}))
     order by (id = ${reference}) desc, (lower(email) = lower(${reference})) desc, id
  `;
}

/** The user of this id, deleted or not. */
export async function findUser(sql: Sql, id: string): Promise<User | undefined> {
  const [user] = await sql<User[]>`select * from users where id = ${id}`;
  return user;
}

/** The user with its row locked until the transaction ends. */
export async function lockUser(sql: Sql, id: string): Promise<User | undefined> {
  const [user] = await sql<User[]>`select * from users where id = ${id} for update`;
  return user;
}

/** Ids of the users who can administer, with their rows locked: two cannot step down at the same time. */
export async function lockActiveAdmins(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from users
     where status = 'active' and kind = 'person' and 'admin' = any(roles) order by id for update
  `;
  return rows.map(({ id }) => id);
}

/** Numbers about users, for people. */
export interface UserStats {
  readonly total: number;
  readonly created_24h: number;
  readonly created_7d: number;
  readonly created_30d: number;
  readonly active: number;
  readonly suspended: number;
  readonly deleted: number;
  readonly admins: number;
  readonly anonymous: number;
  readonly services: number;
  readonly oldest_user: Date | null;
  readonly newest_user: Date | null;
}

/** All but `deleted` without users who are deleted. */
export async function readUserStats(sql: Sql): Promise<UserStats> {
  const [stats] = await sql`
    with u as (select * from users where status <> 'deleted')
    select count(*)::int as total,
           (count(*) filter (where created_at > now() - interval '1 day'))::int as created_24h,
           (count(*) filter (where created_at > now() - interval '7 days'))::int as created_7d,
           (count(*) filter (where created_at > now() - interval '30 days'))::int as created_30d,
           (count(*) filter (where status = 'active'))::int as active,
           (count(*) filter (where status = 'suspended'))::int as suspended,
           (select count(*)::int from users where status = 'deleted') as deleted,
           (count(*) filter (where 'admin' = any(roles)))::int as admins,
           (count(*) filter (where 'anonymous' = any(roles)))::int as anonymous,
           (count(*) filter (where kind = 'service'))::int as services,
           min(created_at) as oldest_user, max(created_at) as newest_user
      from u
  `;
  const { created24h, created7d, created30d, oldestUser, newestUser, ...rest } = stats as never as
    & Record<"created24h" | "created7d" | "created30d", number>
    & Record<"oldestUser" | "newestUser", Date | null>
    & Pick<UserStats, "total" | "active" | "suspended" | "deleted" | "admins" | "anonymous">
    & Pick<UserStats, "services">;
  return {
    ...rest,
    created_24h: created24h,
    created_7d: created7d,
    created_30d: created30d,
    oldest_user: oldestUser,
    newest_user: newestUser,
  };
}

/** The next users that match, by id, after the one of id `after`: a page costs the same wherever it is. */
export async function listUsersAfter(
  sql: Sql,
  filter: UserFilter,
  after: string,
  limit: number,
): Promise<User[]> {
  return await sql<User[]>`
    select * from users where ${matches(sql, filter)} and id > ${after} order by id limit ${limit}
  `;
}

/** Those of the emails (lower case) that users have who are not deleted, with their ids. */
export async function findTakenEmails(
  sql: Sql,
  emails: readonly string[],
): Promise<{ readonly email: string; readonly id: string }[]> {
  return await sql`
    select lower(email) as email, id from users
     where status <> 'deleted' and lower(email) = any(${emails as string[]})
  `;
}

/** Inserts many users at once. Throws where an email is taken. */
export async function insertUsers(
  sql: Sql,
  users: readonly (UserFields & { readonly id: string })[],
): Promise<void> {
  const rows = users.map((user) => ({
    ...{ id: user.id, kind: user.kind, email: user.email, name: user.name },
    ...{ full_name: user.fullName, display_name: user.displayName, status: user.status },
    ...{ roles: user.roles, department: user.department, description: user.description },
  }));
  await sql`
    insert into users (id, kind, email, name, full_name, display_name, status, roles, department, description)
    select id, kind, email, name, full_name, display_name, status,
           array(select jsonb_array_elements_text(roles)), department, description
      from jsonb_to_recordset(${sql.json(rows as never)})
        as t(id text, kind text, email text, name text, full_name text, display_name text, status text,
             roles jsonb, department text, description text)
  `;
}

/** Erases who somebody was: what is left is an id with a status. */
export async function eraseUserFields(sql: Sql, id: string): Promise<User> {
  const [user] = await sql<User[]>`
    update users
       set email = 'anonymised-' || id || '@anonymised.invalid', name = 'anonymised-' || right(id, 12),
           full_name = null, display_name = null, description = '', department = null,
           email_verified = false, owner_id = null,
           anonymised_at = clock_timestamp(), updated_at = clock_timestamp()
     where id = ${id} returning *
  `;
  if (!user) throw new Error(`Cannot erase the user "${id}": it is not there`);
  return user;
}

/** Notes whom a deleted user was merged into. */
export async function setMergedInto(sql: Sql, id: string, target: string): Promise<void> {
  await sql`update users set merged_into = ${target} where id = ${id}`;
}

/** Hands the service accounts of one person to another; how many. */
export async function handOver(sql: Sql, from: string, to: string): Promise<number> {
  const { count } = await sql`
    update users set owner_id = ${to}, updated_at = clock_timestamp()
     where owner_id = ${from} and status <> 'deleted'
  `;
  return count;
}

/** Takes the owner from the service accounts of a person who is going. */
export async function disown(sql: Sql, ownerId: string): Promise<void> {
  await sql`
    update users set owner_id = null, updated_at = clock_timestamp()
     where owner_id = ${ownerId} and status <> 'deleted'
  `;
}

/** Users that match, oldest first. */
export async function listUsers(
  sql: Sql,
  filter: UserFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<User[]> {
  return await sql<User[]>`
    select * from users where ${matches(sql, filter)}
     order by created_at, id limit ${page.limit} offset ${page.offset}
  `;
}

/** How many users match, on all pages. */
export async function countUsers(sql: Sql, filter: UserFilter): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from users where ${matches(sql, filter)}
  `;
  return row?.n ?? 0;
}

/** All users, deleted ones too, by status, and those not deleted by role; a user counts in each role it holds. */
export async function countUsersBy(sql: Sql): Promise<UserCounts> {
  const rows = await sql<{ part: "status" | "role"; name: string; n: number }[]>`
    select 'status' as part, status as name, count(*)::int as n from users group by status
    union all
    select 'role', role, count(*)::int from users, unnest(roles) as role
     where status <> 'deleted' group by role
    order by 1, 2
  `;
  const of = (part: string): Record<string, number> =>
    Object.fromEntries(rows.filter((row) => row.part === part).map(({ name, n }) => [name, n]));
  const byStatus = of("status");
  const total = Object.values(byStatus).reduce((sum, n) => sum + n, 0);
  return { total, byStatus, byRole: of("role") };
}

/** The condition of a filter, for statements on `users`. */
export function matches(sql: Sql, filter: UserFilter): ReturnType<Sql> {
  const { kind, role, department, ownerId, groupId, before, status, text } = filter;
  return sql`
    ${status === undefined ? sql`status <> 'deleted'` : sql`status = ${status}`}
    ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
    ${role === undefined ? sql`` : sql`and ${role} = any(roles)`}
    ${department === undefined ? sql`` : sql`and department = ${department}`}
    ${ownerId === undefined ? sql`` : sql`and owner_id = ${ownerId}`}
    ${before === undefined ? sql`` : sql`and users.created_at < ${before}`}
    ${
    groupId === undefined
      ? sql``
      : sql`and users.id in (select user_id from group_members where group_id = ${groupId})`
  }
    ${
    text === undefined
      ? sql``
      : sql`and (position(lower(${text}) in lower(name)) > 0 or position(lower(${text}) in lower(email)) > 0)`
  }
  `;
}
