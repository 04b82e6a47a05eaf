import { tallyCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportRows } from "../report.ts";

interface Flags extends ReportFlags, LimitFlag {}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const { items, total } = await tallyCalls(sql, { ...period, inContext: true }, {
    by: "context",
    order: "last",
    limit: flags.limit,
  });
  await reportRows(this, {
    kind: "analytics.conversations",
    name: "conversations",
    rows: items.map((each) => ({
      context_id: each.name,
      task_count: each.calls,
      denied: each.denied,
      cost_microdollars: each.microdollars,
      created_at: each.first?.toISOString() ?? null,
      updated_at: each.last?.toISOString() ?? null,
    })),
    beside: { period: periodText(period), total },
    empty: "There was no conversation in this time.",
  }, flags);
}
