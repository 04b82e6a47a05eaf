import { trendCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { TrendFlags } from "../flags.ts";
import { periodOf, periodText, reportRows } from "../report.ts";

export default async function trends(this: CliContext, flags: TrendFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags, 7);
  const buckets = await trendCalls(sql, period, flags.groupBy);
  await reportRows(this, {
    kind: "analytics.costs.trends",
    name: "points",
    rows: buckets.map((each) => ({
      timestamp: each.start.toISOString(),
      cost_microdollars: each.microdollars,
      request_count: each.calls,
      tokens: each.inputTokens + each.outputTokens,
    })),
    beside: {
      period: periodText(period),
      group_by: flags.groupBy,
      total_cost_microdollars: buckets.reduce((sum, each) => sum + each.microdollars, 0),
    },
    empty: "There is nothing in this time.",
  }, flags);
}
