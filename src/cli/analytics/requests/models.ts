import { MODELS, tallyCalls, totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import type { ReportFlags } from "../flags.ts";
import { percentOf, periodOf, periodText, reportRows, toMs } from "../report.ts";

interface Flags extends ReportFlags, LimitFlag {}

export default async function models(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const scope = { ...period, targets: MODELS };
  const [{ items }, { calls: total }] = await Promise.all([
    tallyCalls(sql, scope, { by: "model", order: "calls", limit: flags.limit }),
    totalCalls(sql, scope),
  ]);
  const rows = items.map((each) => {
    const [, provider = "", model = each.name] = /^([^/]*)\/(.*)$/s.exec(each.name) ?? [];
    return {
      provider,
      model,
      request_count: each.calls,
      total_tokens: each.inputTokens + each.outputTokens,
      total_cost_microdollars: each.microdollars,
      avg_latency_ms: toMs(each.meanUs),
      percentage: percentOf(each.calls, total),
    };
  });
  await reportRows(this, {
    kind: "analytics.requests.models",
    name: "models",
    rows,
    beside: { period: periodText(period), total_requests: total },
    empty: "No model was called in this time.",
  }, flags);
}
