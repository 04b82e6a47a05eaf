/** The part of `jobs` that the configuration is checked with: it loads no work of a job. */
export { JOBS } from "../shipped.ts";
export { type SchedulerConfig, schedulerSchema } from "./config.ts";
