import { listRefused, listSinks, type RefusedEvent } from "../../../logs/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { harmless } from "../../output/width.ts";
import { timeText } from "./words.ts";

export default async function refused(
  this: CliContext,
  { limit }: LimitFlag,
  sink: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  if (!(await listSinks(sql)).some(({ name }) => name === sink)) {
    throw new AppError("not_found", `There is no collector "${sink}"`, {
      hint: 'See "spgov infra logs sinks list".',
    });
  }
  const rows = await listRefused(sql, sink, limit);
  this.out.table<RefusedEvent>({
    kind: "logs.refused",
    columns: [
      { label: "TIME", of: (row) => timeText(row.refusedAt) },
      { label: "SOURCE", of: (row) => row.source },
      { label: "EVENT", of: (row) => row.eventId, keep: true },
      { label: "REASON", of: (row) => harmless(row.reason) },
    ],
    rows,
    data: {
      refused: rows.map((row) => ({
        source: row.source,
        event_id: row.eventId,
        reason: row.reason,
        refused_at: row.refusedAt.toISOString(),
      })),
    },
    empty: "It refused nothing.",
  });
}
