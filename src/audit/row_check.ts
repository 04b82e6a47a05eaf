import { canonicalRow, HASH_BYTES, leafOf } from "./chain.ts";
import type { AuditRow } from "./event.ts";
import { integerOf, jsonOf, millisOf } from "./stored.ts";
import type { StoredRow } from "./verify_store.ts";

/** A stored row as it was hashed, or why it cannot be one that was ever hashed. */
export type ReadRow = { readonly row: AuditRow } | { readonly problem: string };

export function readRow(stored: StoredRow): ReadRow {
  const at = (index: number): string | null => stored[index] ?? null;
  const createdAt = millisOf(at(1));
  if (createdAt === undefined) return { problem: "created_at is no time in whole milliseconds" };
  const costMicrodollars = integerOf(at(16));
  if (costMicrodollars === undefined) return { problem: "cost_microdollars is out of range" };
  const latencyUs = integerOf(at(17));
  if (latencyUs === undefined) return { problem: "latency_us is out of range" };
  const detail = jsonOf(at(15));
  if (detail === undefined) return { problem: "detail holds what was never written" };
  const row = {
    id: at(0),
    createdAt,
    kind: at(2),
    callId: at(3),
    userId: at(4),
    sessionId: at(5),
    taskId: at(6),
    traceId: at(7),
    contextId: at(8),
    clientId: at(9),
    role: at(10),
    surface: at(11),
    target: at(12),
    decision: at(13),
    policy: at(14),
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
