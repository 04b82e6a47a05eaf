import { trendCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { TrendFlags } from "../flags.ts";
import { periodOf, periodText, reportRows } from "../report.ts";

export default async function trends(this: CliContext, flags: TrendFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags, 7);
  const buckets = await trendCalls(sql, { ...period, inContext: true }, flags.groupBy);
  await reportRows(this, {
    kind: "analytics.conversations.trends",
    name: "points",
    rows: buckets.map((each) => ({
      timestamp: each.start.toISOString(),
      context_count: each.contexts,
      task_count: each.calls,
    })),
    beside: { period: periodText(period), group_by: flags.groupBy },
    empty: "There is nothing in this time.",
  }, flags);
}
