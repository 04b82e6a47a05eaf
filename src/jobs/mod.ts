export {
  type CatchUp,
  defineJob,
  type Job,
  type JobContext,
  type JobKeys,
  type JobResult,
  type JobRun,
  type JobSpec,
  type JobTag,
} from "./job.ts";
export type { Equipment, Timing } from "./attempt.ts";
export { JOBS_CHANNEL, Scheduler, type SchedulerOptions } from "./scheduler.ts";
export { JOBS } from "./shipped.ts";
export { type JobOverview, listJobs, listTimes } from "./overview.ts";
export {
  askForRun,
  cancelRun,
  getJob,
  getRun,
  type JobEvent,
  type JobsContext,
  switchJob,
} from "./requests.ts";
export { isOver, type Run, type RunStatus, type RunTrigger } from "./run.ts";
export { findRun, listRuns, type RunFilter } from "./run_store.ts";
export { listNodes } from "./node_store.ts";
