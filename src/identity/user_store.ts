import type { Tier } from "../kernel/tiers.ts";
import type { Sql } from "../db/mod.ts";

/** States of a user; only active ones are let in. */
export const USER_STATUSES = ["active", "inactive", "suspended", "pending", "deleted"] as const;
/** One of them. */
export type UserStatus = typeof USER_STATUSES[number];

/** A user as it is stored. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly fullName: string | null;
  readonly displayName: string | null;
  readonly status: UserStatus;
  /** The tiers that the user may take. */
  readonly roles: readonly Tier[];
  readonly department: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What may be set of a user. */
export type UserFields = Omit<User, "id" | "createdAt" | "updatedAt">;

/** Which users to list or count; what is not given does not matter. */
export interface UserFilter {
  readonly role?: Tier;
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
    insert into users (id, email, name, full_name, display_name, status, roles, department)
    values (${id}, ${fields.email}, ${fields.name}, ${fields.fullName}, ${fields.displayName},
            ${fields.status}, ${fields.roles as Tier[]}, ${fields.department})
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
           updated_at = clock_timestamp()
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

/** The user with its row locked until the transaction ends. */
export async function lockUser(sql: Sql, id: string): Promise<User | undefined> {
  const [user] = await sql<User[]>`select * from users where id = ${id} for update`;
  return user;
}

/** Ids of the users who can administer, with their rows locked: two cannot step down at the same time. */
export async function lockActiveAdmins(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from users where status = 'active' and 'admin' = any(roles) order by id for update
  `;
  return rows.map(({ id }) => id);
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

function matches(sql: Sql, { role, status, text }: UserFilter): ReturnType<Sql> {
  return sql`
    ${status === undefined ? sql`status <> 'deleted'` : sql`status = ${status}`}
    ${role === undefined ? sql`` : sql`and ${role} = any(roles)`}
    ${
    text === undefined
      ? sql``
      : sql`and (position(lower(${text}) in lower(name)) > 0 or position(lower(${text}) in lower(email)) > 0)`
  }
  `;
}
