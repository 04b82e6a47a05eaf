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
export { runJobs } from "./schedule.ts";
export { JOBS } from "./shipped.ts";
