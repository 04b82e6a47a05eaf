import { TOOLS, trendCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { TrendFlags } from "../flags.ts";
import { periodOf, periodText, reportRows, successRate, toMs } from "../report.ts";

interface Flags extends TrendFlags {
  readonly tool?: string;
}

export default async function trends(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { tool, groupBy } = flags;
  const period = periodOf(this, flags, 7);
  const buckets = await trendCalls(sql, { ...period, tool, targets: TOOLS }, groupBy);
  await reportRows(this, {
    kind: "analytics.tools.trends",
    name: "points",
    rows: buckets.map((each) => ({
      timestamp: each.start.toISOString(),
      execution_count: each.calls - each.denied,
      denied: each.denied,
      success_rate: successRate(each),
      avg_execution_time_ms: toMs(each.meanUs),
    })),
    beside: { tool: tool ?? null, period: periodText(period), group_by: groupBy },
    empty: "There is nothing in this time.",
  }, flags);
}
