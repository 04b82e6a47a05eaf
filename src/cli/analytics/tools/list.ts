import { type CallOrder, tallyCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportRows, successRate, toMs } from "../report.ts";
import { targetsOf, toolName } from "./name.ts";

interface Flags extends ReportFlags, LimitFlag {
  readonly server?: string;
  readonly sortBy: "execution-count" | "success-rate" | "avg-time";
}

const ORDERS: Readonly<Record<Flags["sortBy"], CallOrder>> = {
  "execution-count": "calls",
  "success-rate": "ok",
  "avg-time": "time",
};

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const { items, total } = await tallyCalls(
    sql,
    { ...period, targets: targetsOf(flags.server) },
    { by: "tool", order: ORDERS[flags.sortBy], limit: flags.limit },
  );
  const rows = items.map((each) => ({
    ...toolName(each.name),
    execution_count: each.calls - each.denied,
    denied: each.denied,
    success_rate: successRate(each),
    avg_execution_time_ms: toMs(each.meanUs),
    last_used: each.last?.toISOString() ?? null,
  }));
  await reportRows(this, {
    kind: "analytics.tools",
    name: "tools",
    rows,
    beside: { period: periodText(period), total },
    empty: "No tool was called in this time.",
  }, flags);
}
