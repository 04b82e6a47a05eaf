import type { CallTally } from "../../../analytics/mod.ts";
import { successRate, toMs } from "../report.ts";

/** What agents did, in the words of all documents about them: a task is a governed call. */
export function agentSummary(tally: CallTally): Readonly<Record<string, unknown>> {
  return {
    total_tasks: tally.calls,
    completed_tasks: tally.ok,
    failed_tasks: tally.failed,
    denied_tasks: tally.denied,
    open_tasks: tally.open,
    success_rate: successRate(tally),
    avg_execution_time_ms: toMs(tally.meanUs),
    total_cost_microdollars: tally.microdollars,
  };
}
