import type { Sql } from "../db/mod.ts";

/** An allowed decision, as far as a call is compared with it. */
export interface AllowedDecision {
  readonly userId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly traceId: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The decision of this id, where it is one that allowed something within the last `ageMs` milliseconds. */
export async function findAllowedDecision(
  sql: Sql,
  callId: string,
  ageMs: number,
): Promise<AllowedDecision | undefined> {
  const [row] = await sql<AllowedDecision[]>`
    select user_id, session_id, client_id, trace_id, target, detail from audit
     where id = ${callId} and kind = 'decision' and decision = 'allow' and surface = 'mcp'
       and created_at > clock_timestamp() - make_interval(secs => ${ageMs / 1000})
       and created_at < clock_timestamp() + interval '1 minute'
  `;
  return row;
}

/** Spends a decision; false where it was spent before. Forgets those that are too old to be spent again. */
export async function spendDecision(sql: Sql, callId: string): Promise<boolean> {
  await sql`delete from spent_decisions where spent_at < clock_timestamp() - interval '1 day'`;
  const { count } = await sql`
    insert into spent_decisions (call_id) values (${callId}) on conflict do nothing
  `;
  return count === 1;
}
