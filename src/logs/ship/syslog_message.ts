import { type EventFormat, levelOf, type LogEvent, timeOf } from "./event.ts";
import { documentText, formatEvent } from "./format.ts";

/** Private enterprise number kept for documentation (RFC 5612): we have none of our own. */
const SD_ID = "spgov@32473";
const SEVERITIES = { error: 3, warn: 4, info: 6, debug: 7 } as const;
const MAX_PARAMETER = 1024;
const BOM = "\ufeff";

export interface SyslogOptions {
  readonly facility: number;
  readonly format: EventFormat;
}

/** An event as RFC 5424 has it: identifiers as structured data, the document as the message. */
export function syslogMessage(event: LogEvent, { facility, format }: SyslogOptions): string {
  const priority = facility * 8 + SEVERITIES[levelOf(event)];
  const about = event.source === "audit" ? event.row : event.line;
  const parameters = {
    source: event.source,
    id: about.id,
    user_id: about.userId,
    session_id: about.sessionId,
    task_id: about.taskId,
    trace_id: about.traceId,
    context_id: about.contextId,
    client_id: about.clientId,
  };
  const data = Object.entries(parameters).map(([name, value]) => ` ${name}="${escape(value)}"`);
  const header = [
    `<${priority}>1`,
    timeOf(event).toISOString(),
    headerText(event.writer.split("/")[0] ?? "", 255),
    "spgov",
    headerText(event.source === "audit" ? event.writer : event.line.isolate, 128),
    headerText(event.source === "audit" ? event.row.kind : "log", 32),
  ].join(" ");
  return `${header} [${SD_ID}${data.join("")}] ${BOM}${documentText(formatEvent(event, format))}`;
}

/** Printable ASCII without spaces, as header fields have it; `-` where nothing is left. */
function headerText(text: string, most: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "").slice(0, most) || "-";
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A parameter's value: what would end it is escaped, control characters become visible. */
function escape(text: string): string {
  return text.slice(0, MAX_PARAMETER).toWellFormed()
    .replaceAll(
      CONTROL,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
    .replaceAll(/["\\\]]/g, (unit) => `\\${unit}`);
}
