import { type Tally, tallyRows } from "../../../audit/mod.ts";
import { type LineTally, tallyLines } from "../../../logs/mod.ts";
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
  const lines = await tallyLines(sql, period);
  const latest = tallies.map((tally) => tally.last).sort((a, b) => b.getTime() - a.getTime())[0];
  this.out.report({
    kind: "logs.summary",
    data: {
      ...lineCounts(lines),
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
      }, "Audit"),
      tableView<Tally>([
        { label: "KIND", of: (tally) => tally.kind },
        { label: "RESULT", of: (tally) => tally.decision },
        { label: "POLICY", of: (tally) => tally.policy },
        { label: "ROWS", of: (tally) => countText(tally.rows), align: "right" },
      ], tallies),
      tableView<LineTally>(
        [
          { label: "LEVEL", of: (tally) => tally.level },
          { label: "MODULE", of: (tally) => tally.module },
          { label: "LINES", of: (tally) => countText(tally.lines), align: "right" },
          { label: "LAST", of: (tally) => timeText(tally.last) },
        ],
        lines,
        "Log lines",
      ),
    ],
  });
}

const TOP_MODULES = 10;

function lineCounts(tallies: readonly LineTally[]): Readonly<Record<string, unknown>> {
  const byLevel: Record<string, number> = { error: 0, warn: 0, info: 0, debug: 0 };
  const byModule = new Map<string, number>();
  for (const { level, module, lines } of tallies) {
    byLevel[level] = (byLevel[level] ?? 0) + lines;
    byModule.set(module, (byModule.get(module) ?? 0) + lines);
  }
  const modules = [...byModule].sort(([, a], [, b]) => b - a).slice(0, TOP_MODULES);
  return {
    total_logs: tallies.reduce((sum, { lines }) => sum + lines, 0),
    by_level: byLevel,
    top_modules: modules.map(([module, count]) => ({ module, count })),
  };
}

function countBy(tallies: readonly Tally[], of: (tally: Tally) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tally of tallies) counts[of(tally)] = (counts[of(tally)] ?? 0) + tally.rows;
  return counts;
}
