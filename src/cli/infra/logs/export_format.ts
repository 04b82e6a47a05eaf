import { formatEvent, type LogEvent } from "../../../logs/mod.ts";
import { harmlessJson } from "../../../kernel/log.ts";

export type ExportFormat = "bundle" | "jsonl" | "json" | "csv" | "ecs" | "ocsf";

/** How events become text: what stands before the first, each of them, and what ends it. */
export interface TextFormat {
  readonly head: string;
  /** `index`: how many there were before. */
  readonly item: (event: LogEvent, index: number) => string;
  readonly tail: (count: number) => string;
}

const COMMON = ["user_id", "session_id", "task_id", "trace_id", "context_id", "client_id"];
const COLUMNS = {
  audit: [
    ...["id", "timestamp", "kind", "call_id"],
    ...COMMON,
    ...["role", "surface", "target", "decision", "policy", "detail"],
    ...["cost_microdollars", "latency_us"],
  ],
  logs: ["id", "timestamp", "level", "isolate", "module", "message", ...COMMON, "fields"],
} as const;

/** The text form of a format for one source. */
export function textFormat(
  format: Exclude<ExportFormat, "bundle">,
  source: LogEvent["source"],
): TextFormat {
  if (format === "csv") return csvFormat(COLUMNS[source]);
  const text = (event: LogEvent): string =>
    harmlessJson(JSON.stringify(
      formatEvent(event, format === "json" || format === "jsonl" ? "native" : format),
    ));
  if (format !== "json") return { head: "", item: (event) => `${text(event)}\n`, tail: () => "" };
  return {
    head: "[\n",
    item: (event, index) => `${index === 0 ? "" : ",\n"}${text(event)}`,
    tail: (count) => count === 0 ? "]\n" : "\n]\n",
  };
}

function csvFormat(columns: readonly string[]): TextFormat {
  return {
    head: `${columns.join(",")}\r\n`,
    item: (event) => {
      const document = formatEvent(event, "native");
      return `${columns.map((name) => csvCell(document[name])).join(",")}\r\n`;
    },
    tail: () => "",
  };
}

/**
 * A cell as RFC 4180 has it. Text that a spreadsheet would run as a formula gets an apostrophe before it; an
 * object is JSON.
 */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : harmlessJson(JSON.stringify(value));
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
