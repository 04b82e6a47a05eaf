import { TOOLS, totalCalls } from "../../../analytics/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { ReportFlags } from "../flags.ts";
import { periodOf, periodText, reportCard } from "../report.ts";
import { toolSummary } from "./summary.ts";

interface Flags extends ReportFlags {
  readonly tool?: string;
}

export default async function stats(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const period = periodOf(this, flags);
  const tally = await totalCalls(sql, { ...period, tool: flags.tool, targets: TOOLS });
  const data = { period: periodText(period), total_tools: tally.tools, ...toolSummary(tally) };
  await reportCard(this, "analytics.tools.stats", data, flags);
}
