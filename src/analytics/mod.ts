/**
 * What users, agents and tools do by the hour, and hours that are unlike those before them. Everything is read
 * from the audit.
 */
export {
  type AnomalyRules,
  type Finding,
  type HourOfSubject,
  judgeHour,
  type Measure,
  MEASURES,
  type Severity,
  type SubjectKind,
} from "./anomaly_rules.ts";
export { ratioOf, scanAnomalies, type ScanContext, type ScanResult } from "./anomaly_scan.ts";
export {
  type Anomaly,
  type AnomalyCount,
  type AnomalyFilter,
  countAnomalies,
  listAnomalies,
  listByPrefix,
  listShares,
  type Share,
} from "./anomaly_store.ts";
export { type CountedHour, HOUR_MS, listHours, MAX_SUBJECTS } from "./hour_store.ts";
export {
  type Bucket,
  type BucketTally,
  type CallOrder,
  type CallScope,
  type CallTally,
  type Grouping,
  MODELS,
  type NamedTally,
  type Period,
  tallyCalls,
  TOOLS,
  totalCalls,
  trendCalls,
} from "./call_store.ts";
export {
  countActive,
  listLive,
  type LiveSession,
  type SessionBucket,
  type SessionTally,
  totalSessions,
  trendSessions,
} from "./session_store.ts";
