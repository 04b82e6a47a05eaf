import { totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportCard } from "../report.ts";
import { agentSummary } from "./summary.ts";

interface Flags extends ReportFlags {
  readonly agent?: string;
}

export default async function stats(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const tally = await totalCalls(sql, { ...period, agent: flags.agent, ofAgents: true });
  const data = { period: periodText(period), total_agents: tally.agents, ...agentSummary(tally) };
  await reportCard(this, "analytics.agents.stats", data, flags);
}
