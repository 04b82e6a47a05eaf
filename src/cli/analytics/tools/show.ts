import { tallyCalls, TOOLS, totalCalls } from "../../../analytics/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { percentOf, periodOf, periodText } from "../report.ts";
import { toolSummary } from "./summary.ts";

export default async function show(
  this: CliContext,
  flags: PeriodFlags,
  tool: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const scope = { ...period, tool, targets: TOOLS };
  const [tally, outcomes, errors, agents] = await Promise.all([
    totalCalls(sql, scope),
    tallyCalls(sql, scope, { by: "outcome", order: "calls", limit: 10 }),
    tallyCalls(sql, scope, { by: "error", order: "calls", limit: 10 }),
    tallyCalls(sql, scope, { by: "agent", order: "calls", limit: 20 }),
  ]);
  if (tally.calls === 0) {
    throw new AppError("not_found", `Nobody called a tool "${tool}" in this time`, {
      hint: 'See "spgov analytics tools list", or give --since an earlier time.',
    });
  }
  const share = (calls: number) => ({ count: calls, percentage: percentOf(calls, tally.calls) });
  const summary = toolSummary(tally);
  const status = outcomes.items.map(({ name, calls }) => ({ status: name, ...share(calls) }));
  const top = errors.items.map(({ name, calls }) => ({ error_message: name, count: calls }));
  const usage = agents.items.map(({ name, calls }) => ({ agent_name: name, ...share(calls) }));
  this.out.report({
    kind: "analytics.tool",
    data: {
      tool_name: tool,
      period: periodText(period),
      summary,
      status_breakdown: status,
      top_errors: top,
      usage_by_agent: usage,
    },
    views: [
      cardView({ tool, ...summary }),
      tableView(["status", "count", "percentage"], status, "OUTCOMES"),
      tableView([{ label: "ERROR", of: (row) => row.error_message }, "count"], top, "ERRORS"),
      tableView(
        [{ label: "AGENT", of: (row) => row.agent_name }, "count", "percentage"],
        usage,
        "AGENTS",
      ),
    ],
  });
}
