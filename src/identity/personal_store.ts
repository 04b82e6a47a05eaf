import type { Sql } from "../db/mod.ts";
import type { PersonalDetail } from "./personal_details.ts";

export async function insertPersonalDetails(
  sql: Sql,
  details: readonly PersonalDetail[],
): Promise<void> {
  const rows = details.map(({ commitment, userId, salt, detail }) => ({
    commitment,
    user_id: userId,
    salt,
    detail,
  }));
  await sql`
    insert into personal_details (commitment, user_id, salt, detail)
    select decode(commitment, 'hex'), user_id, decode(salt, 'hex'), detail
      from jsonb_to_recordset(${sql.json(rows as never)})
        as t(commitment text, user_id text, salt text, detail jsonb)
  `;
}

/** What rows with these commitments said, as far as it was not erased. */
export async function findPersonalDetails(
  sql: Sql,
  commitments: readonly string[],
): Promise<PersonalDetail[]> {
  return await sql<PersonalDetail[]>`
    select encode(commitment, 'hex') as commitment, user_id, encode(salt, 'hex') as salt, detail
      from personal_details
     where commitment in (select decode(c, 'hex') from unnest(${commitments as string[]}::text[]) as c)
  `;
}

/** Erases what rows said about the user; how many rows it was. */
export async function deletePersonalDetails(sql: Sql, userId: string): Promise<number> {
  const { count } = await sql`delete from personal_details where user_id = ${userId}`;
  return count;
}

/**
 * Erases what rows said that the retention has removed: whatever is older than the oldest row that is left. Ids are in
 * the order of time.
 */
export async function deleteLeftPersonalDetails(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from personal_details
     where created_at < (select created_at - interval '1 day' from audit order by id limit 1)
  `;
  return count;
}
