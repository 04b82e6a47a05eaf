import { findTrace, type LogRow, rowDocument } from "../../../audit/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { LimitFlag } from "../../flags.ts";
import { cardView, tableView } from "../../output/view.ts";
import { numberOf, textOf } from "./call_document.ts";
import { dollarText, durationText, timeText } from "./words.ts";

export default async function show(
  this: CliContext,
  { limit }: LimitFlag,
  id: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await findTrace(sql, id.trim(), limit);
  const [first] = found?.rows ?? [];
  if (!found || !first) {
    throw new AppError("not_found", `No trace begins with "${id}"`, {
      hint: 'See "spgov infra logs trace list".',
    });
  }
  const { rows, traceId } = found;
  const start = first.createdAt.getTime();
  const took = (rows.at(-1)?.createdAt.getTime() ?? start) - start;
  const cost = rows.reduce((sum, row) => sum + row.costMicrodollars, 0);
  this.out.report({
    kind: "logs.trace",
    data: {
      trace_id: traceId,
      started_at: first.createdAt.toISOString(),
      duration_ms: took,
      cost_microdollars: cost,
      events: rows.map((row) => ({
        ...rowDocument(row),
        delta_ms: row.createdAt.getTime() - start,
      })),
    },
    views: [
      cardView({
        trace: traceId,
        user: first.userId,
        session: first.sessionId,
        started: timeText(first.createdAt),
        took: durationText(took * 1000),
        cost: cost === 0 ? "nothing" : dollarText(cost),
      }),
      tableView<LogRow>([
        {
          label: "AFTER",
          of: (row) => durationText((row.createdAt.getTime() - start) * 1000),
          align: "right",
        },
        { label: "EVENT", of: (row) => row.kind },
        { label: "RESULT", of: (row) => row.decision },
        { label: "TARGET", of: (row) => row.target },
        { label: "WHY", of: whyOf },
        { label: "TOOK", of: tookOf, align: "right" },
        { label: "REQUEST", of: (row) => row.callId, keep: true },
      ], rows),
    ],
  });
  if (rows.length === limit) this.out.note(`Only the first ${limit} events; more with --limit.`);
}

function whyOf({ kind, policy, detail }: LogRow): string {
  return kind === "decision" ? policy : textOf(detail.reason) ?? textOf(detail.event) ?? "";
}

function tookOf({ detail, latencyUs }: LogRow): string {
  const ms = numberOf(detail.duration_ms);
  const us = ms === undefined ? latencyUs : ms * 1000;
  return us === 0 ? "" : durationText(us);
}
