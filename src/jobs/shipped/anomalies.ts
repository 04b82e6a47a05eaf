import { type AnomalyRules, scanAnomalies } from "../../analytics/mod.ts";
import type { JobContext, JobResult } from "../job.ts";
import type { AnomalyParameters } from "./anomaly_parameters.ts";

export async function anomalyScan(context: JobContext<AnomalyParameters>): Promise<JobResult> {
  const { keep_days: keepDays, ...parameters } = context.parameters;
  const { hours, news } = await scanAnomalies(context, { rules: rulesOf(parameters), keepDays });
  const critical = news.filter(({ severity }) => severity === "critical").length;
  return {
    message: `Counted ${hours} hours; ${news.length} new anomalies, ${critical} of them critical`,
    processed: hours,
  };
}

function rulesOf(parameters: Omit<AnomalyParameters, "keep_days">): AnomalyRules {
  return {
    windowHours: parameters.window_hours,
    minSamples: parameters.min_samples,
    warning: parameters.warning,
    critical: parameters.critical,
    least: {
      calls: parameters.least_calls,
      denied: parameters.least_denied,
      failed: parameters.least_failed,
      cost_microdollars: parameters.least_microdollars,
    },
  };
}
