import { listDecisions } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag } from "../../flags.ts";
import type { Column } from "../../output/table.ts";
import { tableView } from "../../output/view.ts";
import { type CallDocument, toDocument } from "./call_document.ts";
import type { CallFlags } from "./call_flags.ts";
import { shortTime } from "./words.ts";

interface Flags extends CallFlags, LimitFlag, CursorFlag {
  readonly server?: string;
  readonly name?: string;
  readonly status?: "denied" | "open" | "ok" | "error" | "cancelled" | "timeout";
}

/** One use of a tool, whether it was let through or not. */
export interface ToolCall {
  readonly request_id: string;
  readonly created_at: string;
  /** Undefined for a client's own tools. */
  readonly server_name?: string;
  readonly tool_name: string;
  readonly decision: string;
  readonly policy: string;
  /** What became of it: `denied`, `open`, `ok`, `error`, `cancelled`, `timeout`. */
  readonly status: string;
  readonly execution_time_ms: number | null;
  readonly output_bytes: number | null;
  readonly user_id: string;
  readonly surface: string;
}

export default async function list(
  this: CliContext,
  { limit, cursor, server, name, status, tool = name, ...filter }: Flags,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const targets = server === undefined ? ["mcp:%", "tool:%"] : [`mcp:${likeText(server)}/%`];
  const { items, next } = await listDecisions(sql, { ...filter, tool, outcome: status, targets }, {
    limit,
    cursor,
  });
  const calls = items.map((item) => toToolCall(toDocument(item)));
  const columns: readonly Column<ToolCall>[] = [
    {
      label: "TIME",
      of: (call) => shortTime(new Date(call.created_at), this.clock.now()),
      keep: true,
    },
    { label: "SERVER", of: (call) => call.server_name ?? "-" },
    { label: "TOOL", of: (call) => call.tool_name },
    { label: "STATUS", of: (call) => call.status, keep: true },
    { label: "MS", of: (call) => call.execution_time_ms },
    { label: "POLICY", of: (call) => call.policy },
    { label: "USER", of: (call) => call.user_id },
    { label: "REQUEST", of: (call) => call.request_id, keep: true },
  ];
  this.out.report({
    kind: "logs.tools",
    data: { calls },
    views: [tableView(columns, calls)],
    empty: "No call of a tool matches.",
    ...next !== undefined && { hints: { next } },
  });
  if (next !== undefined) this.out.note(`More: --cursor ${next}`);
}

export function toToolCall(call: CallDocument): ToolCall {
  const [, kind, rest = ""] = /^(\w+):(.*)$/s.exec(call.target) ?? [];
  const slash = kind === "mcp" ? rest.indexOf("/") : -1;
  return {
    request_id: call.request_id,
    created_at: call.created_at,
    ...slash > 0 && { server_name: rest.slice(0, slash) },
    tool_name: rest.slice(slash + 1),
    decision: call.decision,
    policy: call.policy,
    status: call.outcome,
    execution_time_ms: call.duration_ms ?? null,
    output_bytes: call.output_bytes ?? null,
    user_id: call.user_id,
    surface: call.surface,
  };
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}
