import type { CallTally } from "../../../analytics/mod.ts";
import { successRate, toMs } from "../report.ts";

/** What became of tools' calls, in the words of all documents about them. */
export function toolSummary(tally: CallTally): Readonly<Record<string, unknown>> {
  return {
    total_calls: tally.calls,
    denied: tally.denied,
    total_executions: tally.calls - tally.denied,
    successful: tally.ok,
    failed: tally.failed - tally.timeouts,
    timeout: tally.timeouts,
    open: tally.open,
    success_rate: successRate(tally),
    avg_execution_time_ms: toMs(tally.meanUs),
    p95_execution_time_ms: toMs(tally.p95Us),
  };
}
