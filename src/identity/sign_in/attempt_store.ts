import type { Sql } from "../../db/mod.ts";

/** How often something may fail, and how long it then has to wait. */
export interface AttemptLimit {
  /** Attempts without any wait. */
  readonly free: number;
  /** Milliseconds of the first wait; each next one is twice as long. */
  readonly firstMs: number;
  /** Milliseconds of the longest wait. */
  readonly longestMs: number;
}

/**
 * Counts an attempt before it is made, so that those made at once are counted too; false while the subject
 * has to wait, and then nothing is counted. An hour without attempts starts anew.
 */
export async function countAttempt(
  sql: Sql,
  subject: string,
  { free, firstMs, longestMs }: AttemptLimit,
): Promise<boolean> {
  const { count } = await sql`
    insert into sign_in_attempts as a (subject, attempts, last_at, blocked_until)
    values (${subject}, 1, clock_timestamp(), clock_timestamp())
    on conflict (subject) do update
       set attempts = case when a.last_at < clock_timestamp() - interval '1 hour' then 1 else a.attempts + 1 end,
           last_at = clock_timestamp(),
           blocked_until = clock_timestamp() + case
             when a.last_at < clock_timestamp() - interval '1 hour' or a.attempts + 1 <= ${free}::int then interval '0'
             else make_interval(secs => least(${longestMs}::float8,
                    ${firstMs}::float8 * power(2, least(a.attempts - ${free}::int, 30))) / 1000)
           end
     where a.blocked_until <= clock_timestamp()
  `;
  return count === 1;
}

/** Milliseconds that a subject still has to wait. */
export async function waitOf(sql: Sql, subject: string): Promise<number> {
  const [row] = await sql<{ ms: number }[]>`
    select greatest(0, extract(epoch from blocked_until - clock_timestamp()) * 1000)::float8 as ms
      from sign_in_attempts where subject = ${subject}
  `;
  return row?.ms ?? 0;
}

/** Forgets what was counted of these subjects. */
export async function forgetAttempts(sql: Sql, subjects: readonly string[]): Promise<void> {
  await sql`delete from sign_in_attempts where subject = any(${subjects as string[]})`;
}

/** Takes back one attempt: it succeeded. */
export async function takeBackAttempt(sql: Sql, subject: string): Promise<void> {
  await sql`
    update sign_in_attempts set attempts = greatest(0, attempts - 1), blocked_until = clock_timestamp()
     where subject = ${subject}
  `;
}

/** Forgets attempts that count no more. */
export async function deleteOldAttempts(sql: Sql): Promise<void> {
  await sql`
    delete from sign_in_attempts
     where last_at < clock_timestamp() - interval '1 hour' and blocked_until < clock_timestamp()
  `;
}
