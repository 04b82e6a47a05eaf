import { type Tally, tallyRows } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { PeriodFlags } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { countText, timeText } from "./words.ts";

export default async function summary(this: CliContext, period: PeriodFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const tallies = await tallyRows(sql, period);
  const total = tallies.reduce((sum, tally) => sum + tally.rows, 0);
  const earliest = tallies.map((tally) => tally.first).sort((a, b) => a.getTime() - b.getTime())[0];
  const latest = tallies.map((tally) => tally.last).sort((a, b) => b.getTime() - a.getTime())[0];
  this.out.report({
    kind: "logs.summary",
    data: {
      total_rows: total,
      by_kind: countBy(tallies, (tally) => tally.kind),
      by_decision: countBy(tallies, (tally) => tally.decision),
      by_policy: countBy(
        tallies.filter(({ kind }) => kind === "decision"),
        (tally) => tally.policy,
      ),
      time_range: { earliest: earliest?.toISOString(), latest: latest?.toISOString() },
    },
    views: [
      cardView({
        rows: countText(total),
        from: earliest && timeText(earliest),
        to: latest && timeText(latest),
      }),
      tableView<Tally>([
        { label: "KIND", of: (tally) => tally.kind },
        { label: "RESULT", of: (tally) => tally.decision },
        { label: "POLICY", of: (tally) => tally.policy },
        { label: "ROWS", of: (tally) => countText(tally.rows), align: "right" },
      ], tallies),
    ],
  });
}

function countBy(tallies: readonly Tally[], of: (tally: Tally) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tally of tallies) counts[of(tally)] = (counts[of(tally)] ?? 0) + tally.rows;
  return counts;
}
