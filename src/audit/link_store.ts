import type { Sql } from "../db/mod.ts";

/** Decisions older than this do not get an outcome any more. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/** Id of the session's latest decision for one task (a client's tool use); undefined when there is none. */
export async function findDecisionOfTask(
  sql: Sql,
  sessionId: string,
  taskId: string,
  now: number,
): Promise<string | undefined> {
  const since = new Date(now - MAX_AGE_MS);
  const [row] = await sql<{ id: string }[]>`
    select id from audit
     where session_id = ${sessionId} and task_id = ${taskId} and kind = 'decision'
       and decision = 'allow' and created_at >= ${since}
     order by id desc
     limit 1
  `;
  return row?.id;
}
