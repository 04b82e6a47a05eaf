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
