import { lineDocument, listLines } from "../../../logs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { filtersOf, levelsOf, type LineFlags, linesView } from "./line_view.ts";

interface Flags extends LineFlags, LimitFlag {
  readonly tail?: number;
  readonly trace?: string;
  readonly session?: string;
  readonly user?: string;
}

export default async function view(
  this: CliContext,
  { limit, tail = limit, level, ...filter }: Flags,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const newest = await listLines(sql, { ...filter, levels: levelsOf(level) }, undefined, tail);
  const lines = newest.reverse().map(lineDocument);
  this.out.report({
    kind: "logs.lines",
    data: {
      logs: lines,
      total: lines.length,
      filters: filtersOf({ level, ...filter }),
    },
    views: [linesView(lines, this.clock.now())],
    empty: "No log line matches.",
  });
}
