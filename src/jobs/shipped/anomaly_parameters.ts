import * as z from "zod";
import { wholeNumber } from "../parameters.ts";

const times = z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/).transform(Number)])
  .pipe(z.number().min(1).max(1000));

/** What an anomaly is. */
export const anomalyParameters = z.strictObject({
  /** Hours before the one that is judged, which is none of them. */
  window_hours: wholeNumber(2, 24 * 92).default(168),
  /** Hours with calls that there must be among them. */
  min_samples: wholeNumber(1, 1000).default(8),
  /** Times the mean of those hours. */
  warning: times.default(2),
  critical: times.default(3),
  /** Less than this in an hour is never flagged. */
  least_calls: wholeNumber(1, 1e12).default(50),
  least_denied: wholeNumber(1, 1e12).default(10),
  least_failed: wholeNumber(1, 1e12).default(10),
  least_microdollars: wholeNumber(1, 1e15).default(1_000_000),
  /** Days that anomalies are kept. */
  keep_days: wholeNumber(1, 3650).default(90),
}).refine(
  ({ warning, critical }) => warning < critical,
  { path: ["critical"], message: "Expected more than warning" },
).refine(
  ({ min_samples, window_hours }) => min_samples <= window_hours,
  { path: ["min_samples"], message: "Expected no more than window_hours" },
);

export type AnomalyParameters = z.output<typeof anomalyParameters>;
