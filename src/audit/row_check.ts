import { canonicalRow, HASH_BYTES, leafOf } from "./chain.ts";
import type { AuditRow } from "./event.ts";
import { integerOf, jsonOf, millisOf } from "./stored.ts";
import type { StoredRow } from "./verify_store.ts";

/** A stored row as it was hashed, or why it cannot be one that was ever hashed. */
export type ReadRow = { readonly row: AuditRow } | { readonly problem: string };

export function readRow(stored: StoredRow): ReadRow {
  const [id, epoch, kind, callId, userId, sessionId, taskId, traceId, contextId, clientId] = stored;
  const [role, surface, target, decision, policy, json, cost, latency] = stored.slice(10);
  const createdAt = millisOf(epoch ?? null);
  if (createdAt === undefined) return { problem: "created_at is no time in whole milliseconds" };
  const costMicrodollars = integerOf(cost ?? null);
  if (costMicrodollars === undefined) return { problem: "cost_microdollars is out of range" };
  const latencyUs = integerOf(latency ?? null);
  if (latencyUs === undefined) return { problem: "latency_us is out of range" };
  const detail = jsonOf(json ?? null);
  if (detail === undefined) return { problem: "detail holds a number that was never written" };
  const row = {
    id,
    createdAt,
    kind,
    callId,
    userId,
    sessionId,
    taskId,
    traceId,
    contextId,
    clientId,
    role,
    surface,
    target,
    decision,
    policy,
    detail,
    costMicrodollars,
    latencyUs,
  };
  return { row: row as unknown as AuditRow };
}

/** Says what is wrong with a stored row, given its leaf; undefined when it is as it was written. */
export function rowProblem(
  stored: StoredRow,
  leaves: Uint8Array,
  index: number,
): string | undefined {
  const read = readRow(stored);
  if ("problem" in read) return `was changed: ${read.problem}`;
  return isLeafOf(canonicalRow(read.row), leaves, index)
    ? undefined
    : "was changed: it does not hash to its leaf";
}

/** Whether the leaf at `index` of `leaves` is that of the canonical row `text`. */
export function isLeafOf(text: string, leaves: Uint8Array, index: number): boolean {
  const leaf = leafOf(text);
  const at = index * HASH_BYTES;
  if (leaves.length < at + HASH_BYTES) return false;
  for (let i = 0; i < HASH_BYTES; i++) if (leaf[i] !== leaves[at + i]) return false;
  return true;
}

/** Milliseconds since the epoch in a UUIDv7. */
export function timeOf(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
