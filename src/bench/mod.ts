export { launchService, type RunningService, type ServiceOptions } from "./service.ts";
export {
  createUsers,
  openSessions,
  type Place,
  type SessionWish,
  type TokenOfSession,
} from "./sessions.ts";
export { type LoadOptions, type LoadResult, runLoad } from "./load.ts";
export { createTemplate, type RequestSpec, type RequestTemplate, SERIAL } from "./request.ts";
export type { Answer, Outcome } from "./response.ts";
export { countRows, countRowsAt, type RowCounts } from "./rows.ts";
export { createHistogram, type Histogram, type Percentiles, percentilesOf } from "./histogram.ts";
export { findProgram, PROGRAMS } from "./programs.ts";
export type { BenchContext, BenchProgram } from "./program.ts";
export type { BenchReport, Measure } from "./report.ts";
export type { Machine } from "./machine.ts";
