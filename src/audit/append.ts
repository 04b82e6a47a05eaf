import type { Sql } from "../db/mod.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { planBatch } from "./batch.ts";
import { commitBatch, findHead, takeHead } from "./batch_store.ts";
import { writeRow } from "./chain.ts";
import type { AuditRow } from "./event.ts";

/**
 * Appends rows in the caller's transaction, so that a change and the row that tells of it become durable
 * together. For the rare writers (command line, jobs): the head stays locked until the transaction ends.
 */
export async function appendRows(
  sql: Sql,
  writer: string,
  rows: readonly AuditRow[],
): Promise<void> {
  const head = await findHead(sql, writer, true) ??
    await takeHead(sql, writer, crypto.randomUUID());
  const batch = planBatch(rows.map((row) => ({ row: writeRow(row), charges: [] })), head, () => 0);
  const result = await commitBatch(sql, writer, head.epoch, head, batch);
  if (!result) throw new Error(`Cannot append to the audit as "${writer}": its head moved`);
}

/** What a row about something other than a governed call has to say. */
export interface EventInput {
  readonly kind: "identity" | "admin" | "system";
  readonly userId: string;
  readonly sessionId?: string;
  readonly clientId?: string;
  readonly traceId?: string;
  readonly role: AuditRow["role"];
  readonly surface: AuditRow["surface"];
  /** Verb or event, e.g. `identity:user_created`. */
  readonly target: string;
  readonly decision: AuditRow["decision"];
  readonly policy?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A row of its own trace for an event that is no governed call; identifiers not given stand as `none`. */
export function eventRow(event: EventInput, now: number): AuditRow {
  const id = uuidV7(now);
  return {
    id,
    createdAt: Math.floor(now),
    kind: event.kind,
    callId: id,
    userId: event.userId,
    sessionId: event.sessionId ?? "none",
    taskId: "none",
    traceId: event.traceId ?? id.replaceAll("-", ""),
    contextId: "none",
    clientId: event.clientId ?? "none",
    role: event.role,
    surface: event.surface,
    target: event.target,
    decision: event.decision,
    policy: event.policy ?? "none",
    detail: event.detail,
    costMicrodollars: 0,
    latencyUs: 0,
  };
}
