/** Kinds of rows. A `decision` and its `outcome` share `callId`. */
export type AuditKind = "decision" | "outcome" | "identity" | "admin" | "system";
export type AuditDecision = "allow" | "deny" | "ok" | "error" | "cancelled" | "timeout";

/**
 * One row of table `audit`: its 18 columns in their order (see migrations/0001_audit.sql).
 * `createdAt` is milliseconds since the epoch and equals the time in `id` (UUIDv7).
 */
export interface AuditRow {
  readonly id: string;
  readonly createdAt: number;
  readonly kind: AuditKind;
  readonly callId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
  readonly role: "admin" | "user" | "service" | "a2a" | "mcp" | "anonymous";
  readonly surface: "hook" | "mcp" | "model" | "agent" | "api" | "cli";
  readonly target: string;
  readonly decision: AuditDecision;
  readonly policy: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly costMicrodollars: number;
  readonly latencyUs: number;
}
