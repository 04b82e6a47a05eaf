import {
  countActive,
  countAnomalies,
  type Period,
  TOOLS,
  totalCalls,
  totalSessions,
} from "../../analytics/mod.ts";
import type { Pool } from "../../db/mod.ts";
import type { CliContext } from "../context.ts";
import { openDatabase } from "../database.ts";
import type { ReportFlags } from "./flags.ts";
import {
  changePercent,
  periodBefore,
  periodOf,
  periodText,
  reportCard,
  successRate,
  toMs,
} from "./report.ts";

export default async function overview(this: CliContext, flags: ReportFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const data = await readOverview(sql, period, new Date(this.clock.now()));
  await reportCard(this, "analytics.overview", data, flags);
}

async function readOverview(
  sql: Pool,
  period: Period,
  now: Date,
): Promise<Readonly<Record<string, unknown>>> {
  const [all, before, agents, tools, sessions, active, anomalies] = await Promise.all([
    totalCalls(sql, period),
    totalCalls(sql, periodBefore(period)),
    totalCalls(sql, { ...period, ofAgents: true }),
    totalCalls(sql, { ...period, targets: TOOLS }),
    totalSessions(sql, period),
    countActive(sql, now),
    countAnomalies(sql, period.since, period.until),
  ]);
  const flagged = (wanted: string) =>
    anomalies.reduce((sum, { severity, count }) => severity === wanted ? sum + count : sum, 0);
  return {
    period: periodText(period),
    calls: {
      total: all.calls,
      denied: all.denied,
      change_percent: changePercent(all.calls, before.calls),
      avg_decision_ms: toMs(all.meanDecisionUs),
    },
    conversations: {
      total: all.contexts,
      change_percent: changePercent(all.contexts, before.contexts),
    },
    agents: {
      active_count: agents.agents,
      total_tasks: agents.calls,
      success_rate: successRate(agents),
    },
    tools: { total_executions: tools.calls - tools.denied, success_rate: successRate(tools) },
    sessions: { currently_active: active, created_in_period: sessions.created },
    costs: {
      total_cost_microdollars: all.microdollars,
      change_percent: changePercent(all.microdollars, before.microdollars),
    },
    anomalies: { warning: flagged("warning"), critical: flagged("critical") },
  };
}
