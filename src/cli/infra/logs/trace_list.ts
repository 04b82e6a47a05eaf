import { listRecentTraces, type TraceSummary } from "../../../audit/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { CursorFlag, LimitFlag } from "../../flags.ts";
import type { CallFlags } from "./call_flags.ts";
import { dollarText, durationText, shortTime } from "./words.ts";

interface Flags extends CallFlags, LimitFlag, CursorFlag {}

export default async function list(
  this: CliContext,
  { limit, cursor, ...filter }: Flags,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const { items, next } = await listRecentTraces(sql, filter, { limit, cursor });
  const now = this.clock.now();
  this.out.table<TraceSummary>({
    kind: "logs.traces",
    columns: [
      { label: "STARTED", of: (trace) => shortTime(trace.startedAt, now), keep: true },
      { label: "TOOK", of: (trace) => durationText(trace.durationMs * 1000), align: "right" },
      { label: "CALLS", of: (trace) => trace.calls },
      { label: "DENIED", of: (trace) => trace.denied },
      { label: "COST", of: (trace) => dollarText(trace.costMicrodollars), align: "right" },
      { label: "USER", of: (trace) => trace.userId },
      { label: "TARGETS", of: (trace) => trace.targets },
      { label: "TRACE", of: (trace) => trace.traceId, keep: true },
    ],
    rows: items,
    data: { traces: items.map(toDocument) },
    empty: "No trace matches.",
    ...next !== undefined && { hints: { next } },
  });
  if (next !== undefined) this.out.note(`More: --cursor ${next}`);
}

function toDocument(trace: TraceSummary): Readonly<Record<string, unknown>> {
  return {
    trace_id: trace.traceId,
    started_at: trace.startedAt.toISOString(),
    ended_at: trace.endedAt.toISOString(),
    duration_ms: trace.durationMs,
    user_id: trace.userId,
    session_id: trace.sessionId,
    agent: trace.agent,
    calls: trace.calls,
    denied: trace.denied,
    failed: trace.failed,
    open: trace.open,
    targets: trace.targets,
    cost_microdollars: trace.costMicrodollars,
  };
}
