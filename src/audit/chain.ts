import { createHash } from "node:crypto";
import { canonicalJson } from "../kernel/canonical_json.ts";
import type { AuditRow } from "./event.ts";

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/**
 * A row as RFC 8785 canonical JSON with the table's column names; `created_at` is RFC 3339 in UTC with
 * milliseconds. The same text is hashed and handed to the database.
 */
export function canonicalRow(row: AuditRow): string {
  return storableJson({
    id: row.id,
    created_at: new Date(row.createdAt).toISOString(),
    kind: row.kind,
    call_id: row.callId,
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
  });
}

/** leaf = SHA-256(0x00 || canonical row). */
export function leafOf(canonical: string): Uint8Array {
  return createHash("sha256").update("\0").update(canonical).digest();
}

/** root' = SHA-256(0x01 || root || leaf1 || … || leafK); `leaves` is their concatenation. */
export function nextRoot(root: Uint8Array, leaves: Uint8Array): Uint8Array {
  return createHash("sha256").update("\x01").update(root).update(leaves).digest();
}

/** The root before a writer's first batch. */
export function genesisRoot(writer: string): Uint8Array {
  return createHash("sha256").update(`spgov-audit\n${writer}\n`).digest();
}

/** What canonical JSON text of a NUL or of a lone surrogate looks like: PostgreSQL's jsonb refuses both. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Canonical JSON that PostgreSQL takes: NUL and lone surrogates stand as the visible text `\u0000`, `\ud800`. */
function storableJson(value: unknown): string {
  const text = canonicalJson(value);
  return UNSTORABLE.test(text) ? canonicalJson(makeStorable(value)) : text;
}

function makeStorable(value: unknown): unknown {
  if (typeof value === "string") return makeStorableText(value);
  if (Array.isArray(value)) return value.map(makeStorable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [makeStorableText(key), makeStorable(member)]),
  );
}

function makeStorableText(text: string): string {
  const visible = text.replaceAll("\0", "\\u0000");
  if (visible.isWellFormed()) return visible;
  return Array.from(visible, (char) => char.isWellFormed() ? char : escapeUnit(char)).join("");
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16)}`;
}
