import { MODELS, totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportCard, toMs } from "../report.ts";

interface Flags extends ReportFlags {
  readonly model?: string;
}

export default async function stats(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const tally = await totalCalls(sql, { ...period, model: flags.model, targets: MODELS });
  await reportCard(this, "analytics.requests.stats", {
    period: periodText(period),
    total_requests: tally.calls,
    denied: tally.denied,
    failed: tally.failed,
    total_tokens: tally.inputTokens + tally.outputTokens,
    input_tokens: tally.inputTokens,
    output_tokens: tally.outputTokens,
    total_cost_microdollars: tally.microdollars,
    avg_latency_ms: toMs(tally.meanUs),
  }, flags);
}
