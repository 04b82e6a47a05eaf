import { countActive, totalSessions } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportCard, rounded } from "../report.ts";

export default async function stats(this: CliContext, flags: ReportFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const [tally, active] = await Promise.all([
    totalSessions(sql, period),
    countActive(sql, new Date(this.clock.now())),
  ]);
  await reportCard(this, "analytics.sessions.stats", {
    period: periodText(period),
    sessions_created_in_period: tally.created,
    sessions_currently_active: active,
    unique_users: tally.users,
    avg_duration_seconds: tally.meanSeconds === null ? null : rounded(tally.meanSeconds, 1),
    avg_requests_per_session: tally.meanCalls === null ? null : rounded(tally.meanCalls, 2),
  }, flags);
}
