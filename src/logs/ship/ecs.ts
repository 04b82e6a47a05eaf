import type { LogRow } from "../../audit/mod.ts";
import { VERSION } from "../../kernel/version.ts";
import { type EventDocument, levelOf, type LogEvent, messageOf, nativeDocument } from "./event.ts";

/** https://www.elastic.co/guide/en/ecs/8.17/index.html */
const ECS_VERSION = "8.17.0";

interface Class {
  readonly category: readonly string[];
  readonly type: readonly string[];
}

/** What identity events are in ECS; one that is not listed is a change of an identity. */
const IDENTITY: Readonly<Record<string, Class>> = {
  user_created: { category: ["iam"], type: ["user", "creation"] },
  user_deleted: { category: ["iam"], type: ["user", "deletion"] },
  session_created: { category: ["authentication", "session"], type: ["start"] },
  session_ended: { category: ["authentication", "session"], type: ["end"] },
  signed_in: { category: ["authentication"], type: ["start"] },
  signed_out: { category: ["authentication"], type: ["end"] },
  sign_in_failed: { category: ["authentication"], type: ["start"] },
  token_issued: { category: ["authentication"], type: ["info"] },
  token_revoked: { category: ["authentication"], type: ["info"] },
  token_refused: { category: ["authentication"], type: ["denied"] },
};
const IDENTITY_CHANGE: Class = { category: ["iam"], type: ["user", "change"] };

/** An event in the Elastic Common Schema; what has no field there stands below `spgov`. */
export function ecsDocument(event: LogEvent): EventDocument {
  return event.source === "audit" ? auditDocument(event, event.row) : lineDocument(event);
}

function auditDocument(event: LogEvent, row: LogRow): EventDocument {
  const { category, type } = classOf(row);
  const { reason, rule } = row.detail;
  return {
    "@timestamp": row.createdAt.toISOString(),
    ecs: { version: ECS_VERSION },
    message: messageOf(event),
    event: {
      id: row.id,
      kind: "event",
      category,
      type,
      action: row.target,
      outcome: outcomeOf(row),
      dataset: "spgov.audit",
      module: "spgov",
      provider: row.surface,
      duration: row.latencyUs * 1000,
      ...typeof reason === "string" && { reason },
    },
    log: { level: levelOf(event) },
    user: { id: row.userId, roles: [row.role] },
    related: { user: [row.userId] },
    trace: { id: row.traceId },
    transaction: { id: row.callId },
    rule: { ruleset: row.policy, ...typeof rule === "string" && { name: rule } },
    service: { name: "spgov", type: "spgov", version: VERSION, node: { name: event.writer } },
    labels: {
      session_id: row.sessionId,
      task_id: row.taskId,
      context_id: row.contextId,
      client_id: row.clientId,
      decision: row.decision,
      policy: row.policy,
    },
    spgov: { audit: nativeDocument(event) },
  };
}

function lineDocument(event: Extract<LogEvent, { readonly source: "logs" }>): EventDocument {
  const { line } = event;
  return {
    "@timestamp": line.createdAt.toISOString(),
    ecs: { version: ECS_VERSION },
    message: line.message,
    event: { id: line.id, kind: "event", dataset: "spgov.log", module: "spgov" },
    log: { level: line.level, logger: line.module },
    user: { id: line.userId },
    trace: { id: line.traceId },
    service: { name: "spgov", type: "spgov", version: VERSION, node: { name: event.writer } },
    labels: {
      isolate: line.isolate,
      session_id: line.sessionId,
      task_id: line.taskId,
      context_id: line.contextId,
      client_id: line.clientId,
    },
    spgov: { log: { fields: line.fields } },
  };
}

function classOf({ kind, decision, target }: LogRow): Class {
  if (kind === "identity") return IDENTITY[target.replace(/^identity:/, "")] ?? IDENTITY_CHANGE;
  if (kind === "admin") return { category: ["configuration"], type: ["admin", "change"] };
  if (kind === "system") return { category: ["host"], type: ["info"] };
  if (kind === "outcome") return { category: ["api"], type: ["end"] };
  return { category: ["api"], type: ["access", decision === "deny" ? "denied" : "allowed"] };
}

function outcomeOf({ kind, decision, target }: LogRow): "success" | "failure" | "unknown" {
  if (decision === "cancelled") return "unknown";
  if (kind === "identity" && /(failed|refused)$/.test(target)) return "failure";
  return decision === "allow" || decision === "ok" ? "success" : "failure";
}
