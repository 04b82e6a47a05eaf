import { type LogRow, rowDocument } from "../../audit/mod.ts";
import { lineDocument, type LogLine } from "../line.ts";

/** Something that collectors are sent: a row of the audit, or a log line. */
export type LogEvent =
  | {
    readonly source: "audit";
    /** The chain, or the replica, that it is of. */
    readonly writer: string;
    readonly row: LogRow;
  }
  | { readonly source: "logs"; readonly writer: string; readonly line: LogLine };

export type EventFormat = "native" | "ecs" | "ocsf";
export type EventDocument = Readonly<Record<string, unknown>>;

export function idOf(event: LogEvent): string {
  return event.source === "audit" ? event.row.id : event.line.id;
}

export function timeOf(event: LogEvent): Date {
  return event.source === "audit" ? event.row.createdAt : event.line.createdAt;
}

/** One sentence for people. */
export function messageOf(event: LogEvent): string {
  if (event.source === "logs") return event.line.message;
  const { decision, target, userId, policy, detail } = event.row;
  const reason = typeof detail.reason === "string" ? `: ${detail.reason}` : "";
  return `${decision} ${target} for ${userId} by ${policy}${reason}`;
}

/** How grave it is: a level of log lines. */
export function levelOf(event: LogEvent): "debug" | "info" | "warn" | "error" {
  if (event.source === "logs") return event.line.level;
  const { decision } = event.row;
  if (decision === "deny") return "warn";
  return decision === "error" || decision === "timeout" ? "error" : "info";
}

/** Every column under the table's name. */
export function nativeDocument(event: LogEvent): EventDocument {
  if (event.source === "logs") return { source: "logs", ...lineDocument(event.line) };
  const { id, created_at, ...columns } = rowDocument(event.row);
  return { source: "audit", id, timestamp: created_at, ...columns, writer: event.writer };
}
