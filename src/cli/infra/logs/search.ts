import { listDecisions } from "../../../audit/mod.ts";
import { lineDocument, listLines } from "../../../logs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { toDocument } from "./call_document.ts";
import { callTable } from "./call_table.ts";
import { filtersOf, levelsOf, type LineFlags, linesView } from "./line_view.ts";
import { toToolCall } from "./tools_list.ts";

interface Flags extends LineFlags, LimitFlag {
  readonly includeTools: boolean;
}

export default async function search(
  this: CliContext,
  { limit, level, includeTools, ...filter }: Flags,
  text: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await listLines(
    sql,
    { ...filter, levels: levelsOf(level), text },
    undefined,
    limit,
  );
  const like = text.replaceAll(/[\\%_]/g, "\\$&");
  const targets = ["mcp", "tool"].map((kind) => `${kind}:%${like}%`);
  const { since, until } = filter;
  const calls = includeTools
    ? (await listDecisions(sql, { since, until, targets }, { limit })).items.map(toDocument)
    : [];
  const lines = found.reverse().map(lineDocument);
  this.out.report({
    kind: "logs.search",
    data: {
      logs: lines,
      log_count: lines.length,
      tools: calls.map(toToolCall),
      tool_count: calls.length,
      filters: { pattern: text, ...filtersOf({ level, ...filter }) },
    },
    views: [
      linesView(lines, this.clock.now(), "Log lines"),
      { ...callTable(calls, this.clock.now()), title: "Calls of tools" },
    ],
    empty: "Nothing contains that text.",
  });
}
