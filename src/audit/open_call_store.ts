import type { Sql } from "../db/mod.ts";
import { lowestUuidV7 } from "../kernel/ids.ts";
import type { AuditRow } from "./event.ts";

/** A decision of a page, and whether an outcome of it is there. */
export type PagedCall =
  & Pick<
    AuditRow,
    | "id"
    | "userId"
    | "sessionId"
    | "taskId"
    | "traceId"
    | "contextId"
    | "clientId"
    | "role"
    | "surface"
    | "target"
  >
  & { readonly isOpen: boolean };

/**
 * Allowed calls after `after`, made before `before`, in their order. Prompts and questions for permission
 * run nothing: no outcome is due of them.
 */
export async function pageAllowed(
  sql: Sql,
  { after, since, before, limit }: {
    readonly after: string;
    readonly since: Date;
    readonly before: Date;
    readonly limit: number;
  },
): Promise<PagedCall[]> {
  return await sql<PagedCall[]>`
    select d.id, d.user_id, d.session_id, d.task_id, d.trace_id, d.context_id, d.client_id, d.role, d.surface, d.target,
           d.target <> 'prompt' and d.detail ->> 'event' is distinct from 'PermissionRequest'
             and not exists (select from audit o where o.kind = 'outcome' and o.call_id = d.id) as is_open
      from audit d
     where d.kind = 'decision' and d.decision = 'allow' and d.id > ${after} and d.id < ${
    lowestUuidV7(before.getTime())
  }
       and d.created_at >= ${since} and d.created_at < ${before}
     order by d.id limit ${limit}
  `;
}
