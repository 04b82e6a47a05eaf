import { tallyCalls, totalCalls } from "../../../analytics/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { percentOf, periodOf, periodText } from "../report.ts";
import { agentSummary } from "./summary.ts";

export default async function show(
  this: CliContext,
  flags: PeriodFlags,
  agent: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const scope = { ...period, agent };
  const [tally, outcomes, errors, hours] = await Promise.all([
    totalCalls(sql, scope),
    tallyCalls(sql, scope, { by: "outcome", order: "calls", limit: 10 }),
    tallyCalls(sql, scope, { by: "error", order: "calls", limit: 10 }),
    tallyCalls(sql, scope, { by: "hour", order: "name", limit: 24 }),
  ]);
  if (tally.calls === 0) {
    throw new AppError("not_found", `Agent "${agent}" did nothing in this time`, {
      hint: 'See "spgov analytics agents list", or give --since an earlier time.',
    });
  }
  const summary = agentSummary(tally);
  const status = outcomes.items.map(({ name, calls }) => ({
    status: name,
    count: calls,
    percentage: percentOf(calls, tally.calls),
  }));
  const top = errors.items.map(({ name, calls }) => ({ error_type: name, count: calls }));
  const hourly = hours.items.map(({ name, calls }) => ({ hour: Number(name), count: calls }));
  this.out.report({
    kind: "analytics.agent",
    data: {
      agent_name: agent,
      period: periodText(period),
      summary,
      status_breakdown: status,
      top_errors: top,
      hourly_distribution: hourly,
    },
    views: [
      cardView({ agent, ...summary }),
      tableView(["status", "count", "percentage"], status, "OUTCOMES"),
      tableView([{ label: "ERROR", of: (row) => row.error_type }, "count"], top, "ERRORS"),
      tableView(["hour", "count"], hourly, "HOURS OF THE DAY (UTC)"),
    ],
  });
}
