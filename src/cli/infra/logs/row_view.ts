import type { LogRow } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { textView } from "../../output/view.ts";
import { harmless, pad } from "../../output/width.ts";
import { valueLines } from "./value_lines.ts";
import { timeText } from "./words.ts";

/** A row of the log as `--json` prints it: the 18 columns under the table's names. */
export function rowDocument(row: LogRow): Readonly<Record<string, unknown>> {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
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
  };
}

/** Prints a row that is no governed call: a sign-in, a change by an operator, an event of the system. */
export function printRow({ out }: CliContext, row: LogRow): void {
  const { detail, ...columns } = rowDocument(row);
  const fields = { ...columns, created_at: timeText(row.createdAt) };
  const lines = Object.entries(fields).map(([name, value]) =>
    `${pad(name.replaceAll("_", " "), 18, "left")}  ${harmless(String(value))}`
  );
  const text = [
    ...lines,
    "",
    "detail",
    ...valueLines(detail, { indent: "  ", columns: 100, maxLines: 200 }),
  ];
  out.report({
    kind: "logs.row",
    data: { ...columns, detail },
    views: [textView(text.join("\n"))],
  });
}
