import { trendSessions } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { TrendFlags } from "../flags.ts";
import { periodOf, periodText, reportRows, rounded } from "../report.ts";

export default async function trends(this: CliContext, flags: TrendFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags, 7);
  const buckets = await trendSessions(sql, period, flags.groupBy);
  await reportRows(this, {
    kind: "analytics.sessions.trends",
    name: "points",
    rows: buckets.map((each) => ({
      timestamp: each.start.toISOString(),
      session_count: each.created,
      active_users: each.users,
      avg_duration_seconds: each.meanSeconds === null ? null : rounded(each.meanSeconds, 1),
    })),
    beside: { period: periodText(period), group_by: flags.groupBy },
    empty: "There is nothing in this time.",
  }, flags);
}
