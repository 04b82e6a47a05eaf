import { type CallOrder, tallyCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportRows, successRate, toMs } from "../report.ts";

interface Flags extends ReportFlags, LimitFlag {
  readonly sortBy: "task-count" | "success-rate" | "cost" | "last-active";
}

const ORDERS: Readonly<Record<Flags["sortBy"], CallOrder>> = {
  "task-count": "calls",
  "success-rate": "ok",
  cost: "cost",
  "last-active": "last",
};

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const { items, total } = await tallyCalls(sql, { ...period, ofAgents: true }, {
    by: "agent",
    order: ORDERS[flags.sortBy],
    limit: flags.limit,
  });
  const rows = items.map((each) => ({
    agent_name: each.name,
    task_count: each.calls,
    denied: each.denied,
    success_rate: successRate(each),
    avg_execution_time_ms: toMs(each.meanUs),
    total_cost_microdollars: each.microdollars,
    last_active: each.last?.toISOString() ?? null,
  }));
  await reportRows(this, {
    kind: "analytics.agents",
    name: "agents",
    rows,
    beside: { period: periodText(period), total },
    empty: "No agent did anything in this time.",
  }, flags);
}
