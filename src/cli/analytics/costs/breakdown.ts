import { MODELS, tallyCalls, totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import type { ReportFlags } from "../flags.ts";
import { percentOf, periodOf, periodText, reportRows } from "../report.ts";

interface Flags extends ReportFlags, LimitFlag {
  readonly by: "model" | "agent" | "provider" | "tool" | "user";
}

export default async function breakdown(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const ofModels = flags.by === "model" || flags.by === "provider";
  const scope = { ...period, ...ofModels && { targets: MODELS } };
  const [{ items }, { microdollars: total }] = await Promise.all([
    tallyCalls(sql, scope, { by: flags.by, order: "cost", limit: flags.limit }),
    totalCalls(sql, scope),
  ]);
  const rows = items.map((each) => ({
    name: each.name,
    cost_microdollars: each.microdollars,
    request_count: each.calls,
    tokens: each.inputTokens + each.outputTokens,
    percentage: percentOf(each.microdollars, total),
  }));
  await reportRows(this, {
    kind: "analytics.costs.breakdown",
    name: "items",
    rows,
    beside: {
      period: periodText(period),
      breakdown_by: flags.by,
      total_cost_microdollars: total,
    },
    empty: "Nothing was called in this time.",
  }, flags);
}
