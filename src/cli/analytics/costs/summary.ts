import { totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import {
  changePercent,
  periodBefore,
  periodOf,
  periodText,
  reportCard,
  rounded,
} from "../report.ts";

export default async function summary(this: CliContext, flags: ReportFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const [now, before] = await Promise.all([
    totalCalls(sql, period),
    totalCalls(sql, periodBefore(period)),
  ]);
  await reportCard(this, "analytics.costs.summary", {
    period: periodText(period),
    total_cost_microdollars: now.microdollars,
    total_requests: now.calls,
    total_tokens: now.inputTokens + now.outputTokens,
    avg_cost_per_request_microdollars: now.calls === 0
      ? null
      : rounded(now.microdollars / now.calls, 2),
    change_percent: changePercent(now.microdollars, before.microdollars),
  }, flags);
}
