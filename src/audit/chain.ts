import { createHash } from "node:crypto";
import { canonicalJson } from "../kernel/canonical_json.ts";
import type { AuditRow } from "./event.ts";

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** A row as it is committed. It is text and nothing else: rows wait for their batch, and text is cheap to keep. */
export interface WrittenRow extends Omit<AuditRow, "createdAt" | "detail"> {
  /** RFC 3339 in UTC with milliseconds. */
  readonly createdAt: string;
  /** Canonical JSON. */
  readonly detail: string;
  /** Its SHA-256 in the chain, in hexadecimal: such a digest costs half of what one in bytes does. */
  readonly leaf: string;
}

/**
 * Writes a row; text that PostgreSQL refuses is made visible. Throws a `TypeError` for what JSON cannot
 * hold.
 */
export function writeRow(row: AuditRow): WrittenRow {
  const { row: storable, createdAt, detail, preimage } = write(row);
  return { ...storable, createdAt, detail, leaf: digest(preimage) };
}

/**
 * A row as RFC 8785 canonical JSON with the table's column names; `created_at` is RFC 3339 in UTC with
 * milliseconds.
 */
export function canonicalRow(row: AuditRow): string {
  return write(row).preimage.slice(1);
}

interface Texts {
  readonly row: AuditRow;
  readonly createdAt: string;
  readonly detail: string;
  /** What the leaf is the hash of: 0x00, then the canonical row. */
  readonly preimage: string;
}

function write(row: AuditRow): Texts {
  const texts = textsOf(row);
  return UNSTORABLE.test(texts.preimage) ? textsOf(makeStorable(row) as AuditRow) : texts;
}

/** The columns in canonical order, which is that of their names. */
function textsOf(row: AuditRow): Texts {
  const createdAt = new Date(row.createdAt).toISOString();
  const detail = canonicalJson(row.detail);
  const before = canonicalJson({
    call_id: row.callId,
    client_id: row.clientId,
    context_id: row.contextId,
    cost_microdollars: row.costMicrodollars,
    created_at: createdAt,
    decision: row.decision,
  });
  const after = canonicalJson({
    id: row.id,
    kind: row.kind,
    latency_us: row.latencyUs,
    policy: row.policy,
    role: row.role,
    session_id: row.sessionId,
    surface: row.surface,
    target: row.target,
    task_id: row.taskId,
    trace_id: row.traceId,
    user_id: row.userId,
  });
  const preimage = `\0${before.slice(0, -1)},"detail":${detail},${after.slice(1)}`;
  return { row, createdAt, detail, preimage };
}

/** leaf = SHA-256(0x00 || canonical row). */
export function leafOf(canonical: string): Uint8Array {
  return Uint8Array.fromHex(digest("\0" + canonical));
}

function digest(preimage: string): string {
  return createHash("sha256").update(preimage).digest("hex");
}

/** The leaves of rows, one after the other. */
export function leavesOf(rows: readonly WrittenRow[]): Uint8Array {
  return Uint8Array.fromHex(rows.map(({ leaf }) => leaf).join(""));
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

/** The same value with NUL and lone surrogates as the visible text `\\u0000`, `\\ud800`. */
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
