import { totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportCard, rounded, toMs } from "../report.ts";

export default async function stats(this: CliContext, flags: ReportFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const tally = await totalCalls(sql, { ...period, inContext: true });
  await reportCard(this, "analytics.conversations.stats", {
    period: periodText(period),
    total_contexts: tally.contexts,
    total_tasks: tally.calls,
    avg_tasks_per_context: tally.contexts === 0 ? null : rounded(tally.calls / tally.contexts, 2),
    avg_task_duration_ms: toMs(tally.meanUs),
  }, flags);
}
