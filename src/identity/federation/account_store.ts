import type { Sql } from "../../db/mod.ts";

/** An account at a provider, and whose it is here. */
export interface FederatedAccount {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  /** The provider's name when it was connected. */
  readonly provider: string;
  /** As the provider last said it; decides nothing. */
  readonly email: string | null;
  readonly linkedAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Whose the account is; undefined where it is nobody's, or a deleted user's. */
export async function findAccountOwner(
  sql: Sql,
  issuer: string,
  subject: string,
): Promise<string | undefined> {
  const [row] = await sql<{ userId: string }[]>`
    select a.user_id from federated_accounts a join users u on u.id = a.user_id
     where a.issuer = ${issuer} and a.subject = ${subject} and u.status <> 'deleted'
  `;
  return row?.userId;
}

/** Connects an account that is nobody's; false where another user who is not deleted has it. */
export async function insertAccount(
  sql: Sql,
  { issuer, subject, userId, provider, email }: Omit<FederatedAccount, "linkedAt" | "lastUsedAt">,
): Promise<boolean> {
  const { count } = await sql`
    insert into federated_accounts as a (issuer, subject, user_id, provider, email)
    values (${issuer}, ${subject}, ${userId}, ${provider}, ${email})
    on conflict (issuer, subject) do update
       set user_id = excluded.user_id, provider = excluded.provider, email = excluded.email,
           linked_at = clock_timestamp(), last_used_at = null
     where a.user_id = excluded.user_id
        or exists (select 1 from users u where u.id = a.user_id and u.status = 'deleted')
  `;
  return count === 1;
}

/** Notes that an account was used to sign in. */
export async function touchAccount(
  sql: Sql,
  issuer: string,
  subject: string,
  email: string | null,
): Promise<void> {
  await sql`
    update federated_accounts set last_used_at = clock_timestamp(), email = ${email}
     where issuer = ${issuer} and subject = ${subject}
  `;
}

/** The accounts of a user, the oldest first. */
export async function listAccounts(sql: Sql, userId: string): Promise<FederatedAccount[]> {
  return await sql<FederatedAccount[]>`
    select issuer, subject, user_id, provider, email, linked_at, last_used_at
      from federated_accounts where user_id = ${userId} order by linked_at, issuer, subject limit 100
  `;
}

/** Takes an account from a user; false where the user has none such. */
export async function deleteAccount(
  sql: Sql,
  userId: string,
  issuer: string,
  subject: string,
): Promise<boolean> {
  const { count } = await sql`
    delete from federated_accounts
     where user_id = ${userId} and issuer = ${issuer} and subject = ${subject}
  `;
  return count === 1;
}

/** A user who is not deleted, by email: what connecting an account needs to know. */
export async function findByEmail(
  sql: Sql,
  email: string,
): Promise<{ readonly id: string; readonly isAdmin: boolean } | undefined> {
  const [row] = await sql<{ id: string; isAdmin: boolean }[]>`
    select id, 'admin' = any(roles) as is_admin from users
     where lower(email) = lower(${email}) and status <> 'deleted'
  `;
  return row;
}

/** Whether somebody who is not deleted is called so. */
export async function isNameTaken(sql: Sql, name: string): Promise<boolean> {
  const [row] = await sql`select 1 from users where name = ${name} and status <> 'deleted' limit 1`;
  return row !== undefined;
}
