export { type Job, runJobs, upkeep } from "./schedule.ts";
