import type { AuditCall, LogRow } from "./query_store.ts";

/** What rows and calls have in common, under the table's names. */
export interface CorrelationDocument {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly task_id: string;
  readonly trace_id: string;
  readonly context_id: string;
  readonly client_id: string;
  readonly role: string;
  readonly surface: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly cost_microdollars: number;
  readonly latency_us: number;
}

/** The 18 columns of a row. */
export interface RowDocument extends CorrelationDocument {
  readonly kind: string;
  readonly call_id: string;
}

export function correlationDocument(row: LogRow | AuditCall): CorrelationDocument {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
    user_id: row.userId,
    session_id: row.sessionId,
    task_id: row.taskId,
    trace_id: row.traceId,
    context_id: row.contextId,
    client_id: row.clientId,
    role: row.role,
    surface: row.surface,
    target: row.target,
    decision: row.decision,
    policy: row.policy,
    detail: row.detail,
    cost_microdollars: row.costMicrodollars,
    latency_us: row.latencyUs,
  };
}

/** A row as it is written outside the table: in the table's order, under its names. */
export function rowDocument(row: LogRow): RowDocument {
  const { id, created_at, ...columns } = correlationDocument(row);
  return { id, created_at, kind: row.kind, call_id: row.callId, ...columns };
}
