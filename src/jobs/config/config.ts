import * as z from "zod";
import { isTimeZone, scheduleProblem } from "../cron.ts";
import type { Job } from "../job.ts";
import { duration } from "../parameters.ts";
import { JOBS } from "../shipped.ts";

const timeZone = z.string().max(64).refine(
  isTimeZone,
  "Expected a time zone such as Europe/Berlin",
);

const schedule = z.string().superRefine((text, context) => {
  const problem = scheduleProblem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const MAX_TIMEOUT_MS = 24 * 3_600_000;

/** `services/scheduler/config.yaml`: what differs from what the jobs come with. Durations become milliseconds. */
export const schedulerSchema = z.strictObject({
  /** Whether this replica runs jobs. */
  enabled: z.boolean().default(true),
  /** What schedules are read in. */
  time_zone: timeZone.default("UTC"),
  /** Jobs that run at the same time on one replica. */
  concurrency: z.int().min(1).max(16).default(2),
  jobs: z.strictObject(Object.fromEntries(JOBS.map((job) => [job.name, jobSchema(job)])))
    .prefault({}),
});

export type SchedulerConfig = z.output<typeof schedulerSchema>;

function jobSchema({ parameters }: Job) {
  return z.strictObject({
    enabled: z.boolean().optional(),
    schedule: schedule.optional(),
    time_zone: timeZone.optional(),
    timeout: duration.pipe(z.number().min(1000).max(MAX_TIMEOUT_MS)).optional(),
    /** Runs of one due time, the first one included. */
    attempts: z.int().min(1).max(10).optional(),
    /** What becomes of a time that passed while no service ran. */
    catch_up: z.enum(["skip", "once"]).optional(),
    parameters: asWritten(parameters).prefault({}),
  }).optional();
}

/** Checks a value by `schema` and leaves it as it was written: a run may say some of it otherwise. */
function asWritten(schema: z.ZodType): z.ZodType<Readonly<Record<string, unknown>>> {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const { error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) {
      context.issues.push({ ...issue, input: value } as never);
    }
  });
}
