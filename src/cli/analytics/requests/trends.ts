import { MODELS, trendCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { TrendFlags } from "../flags.ts";
import { periodOf, periodText, reportRows, toMs } from "../report.ts";

export default async function trends(this: CliContext, flags: TrendFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags, 7);
  const buckets = await trendCalls(sql, { ...period, targets: MODELS }, flags.groupBy);
  await reportRows(this, {
    kind: "analytics.requests.trends",
    name: "points",
    rows: buckets.map((each) => ({
      timestamp: each.start.toISOString(),
      request_count: each.calls,
      total_tokens: each.inputTokens + each.outputTokens,
      cost_microdollars: each.microdollars,
      avg_latency_ms: toMs(each.meanUs),
    })),
    beside: { period: periodText(period), group_by: flags.groupBy },
    empty: "There is nothing in this time.",
  }, flags);
}
