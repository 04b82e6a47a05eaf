import * as z from "zod";
import {
  askForRun,
  cancelRun,
  getJob,
  getRun,
  type JobOverview,
  type JobsContext,
  listJobs,
  listRuns,
  type Run,
  switchJob,
} from "../../jobs/mod.ts";
import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { type ApiInput, declareRoutes, mapPage, pageFrom, pageOf, paramOf } from "./route.ts";
import { given, reference, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Jobs");
const write = declareRoutes<EgressContext>("egress", "Jobs");

const STATUSES = [
  ...["queued", "running", "ok", "failed", "timeout", "cancelled", "lost", "skipped"] as const,
];
const status = z.enum(STATUSES);

const jobSchema = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  schedule: z.string(),
  time_zone: z.string(),
  enabled: z.boolean(),
  enabled_by: z.enum(["configuration", "operator"]),
  next_run: timestamp.nullable(),
  last_run: timestamp.nullable(),
  last_status: status.nullable(),
  last_message: z.string().nullable(),
  run_count: z.int(),
}).meta({ id: "Job" });

const runSchema = z.object({
  id: z.uuid(),
  job: z.string(),
  trigger: z.enum(["schedule", "catch_up", "retry", "manual"]),
  requested_by: z.string(),
  scheduled_for: timestamp.nullable(),
  attempt: z.int(),
  parameters: z.record(z.string(), z.unknown()),
  status,
  created_at: timestamp,
  started_at: timestamp.nullable(),
  finished_at: timestamp.nullable(),
  cancelled_by: z.string().nullable(),
  progress: z.object({
    done: z.int().nullable(),
    total: z.int().nullable(),
    note: z.string().nullable(),
  }),
  message: z.string().nullable(),
  processed: z.int().nullable(),
  failed: z.int().nullable(),
}).meta({ id: "JobRun" });

function time(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

function jobView(job: JobOverview): z.input<typeof jobSchema> {
  return {
    name: job.name,
    description: job.description,
    tags: [...job.tags],
    schedule: job.schedule,
    time_zone: job.timeZone,
    enabled: job.enabled,
    enabled_by: job.enabledBy,
    next_run: time(job.nextRun),
    last_run: time(job.lastRun),
    last_status: job.lastStatus,
    last_message: job.lastMessage,
    run_count: job.runCount,
  };
}

function runView(run: Run): z.input<typeof runSchema> {
  return {
    id: run.id,
    job: run.job,
    trigger: run.trigger,
    requested_by: run.requestedBy,
    scheduled_for: time(run.scheduledFor),
    attempt: run.attempt,
    parameters: run.parameters,
    status: run.status,
    created_at: run.createdAt.toISOString(),
    started_at: time(run.startedAt),
    finished_at: time(run.finishedAt),
    cancelled_by: run.cancelledBy,
    progress: { done: run.progressDone, total: run.progressTotal, note: run.progressNote },
    message: run.message,
    processed: run.processed,
    failed: run.failed,
  };
}

async function getOverview(sql: Sql, name: string): Promise<JobOverview> {
  const job = (await listJobs(sql)).find((each) => each.name === getJob(name).name);
  if (job) return job;
  throw new AppError("not_found", `Cannot find the job ${JSON.stringify(name)}`);
}

async function getById(sql: Sql, input: Pick<ApiInput<unknown, unknown>, "params">): Promise<Run> {
  const id = z.uuid().safeParse(paramOf(input, "id"));
  if (id.success) return await getRun(sql, id.data.toLowerCase());
  throw new AppError("not_found", `Cannot find the run ${JSON.stringify(paramOf(input, "id"))}`);
}

function jobsContext({ sql, vault: { record } }: EgressContext, actor: JobsContext["actor"]) {
  return { sql, record, actor };
}

export const JOB_ROUTES = [
  read.list({
    path: "/api/v1/jobs",
    permission: "jobs:read",
    summary: "Lists the jobs, when they run and how they fared",
    query: z.strictObject({}),
    key: reference,
    output: jobSchema,
    run: async ({ sql }, { after, limit }) =>
      mapPage(pageFrom(await listJobs(sql), ({ name }) => name, after, limit), jobView),
  }),
  read.item({
    path: "/api/v1/jobs/:name",
    permission: "jobs:read",
    summary: "Shows a job",
    output: jobSchema,
    run: async ({ sql }, input) => jobView(await getOverview(sql, paramOf(input, "name"))),
  }),
  write.item({
    method: "PATCH",
    path: "/api/v1/jobs/:name",
    permission: "jobs:write",
    summary: "Switches a job on or off, whatever the configuration says",
    body: z.strictObject({ enabled: z.boolean() }).meta({ id: "JobSwitch" }),
    output: jobSchema,
    async run(context, { actor, body: { enabled }, ...input }) {
      const name = paramOf(input, "name");
      await switchJob(jobsContext(context, actor), name, enabled);
      return jobView(await getOverview(context.sql, name));
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/jobs/:name/runs",
    permission: "jobs:write",
    summary: "Asks for a run; the run tells how far it is",
    answer: "created",
    locatedAt: "/api/v1/job-runs",
    body: z.strictObject({ parameters: z.record(z.string(), z.unknown()).optional() })
      .meta({ id: "NewJobRun" }),
    output: runSchema,
    async run(context, { actor, body: { parameters = {} }, ...input }) {
      const name = paramOf(input, "name");
      const id = await askForRun(jobsContext(context, actor), name, parameters);
      return runView(await getRun(context.sql, id));
    },
  }),
  read.list({
    path: "/api/v1/job-runs",
    permission: "jobs:read",
    summary: "Lists runs, newest first",
    query: z.strictObject({ job: reference.optional(), status: status.optional() }),
    key: z.uuid(),
    output: runSchema,
    async run({ sql }, { query, after, limit }) {
      const runs = await listRuns(sql, { ...given({ ...query, before: after }), limit: limit + 1 });
      return mapPage(pageOf(runs, limit, ({ id }) => id), runView);
    },
  }),
  read.item({
    path: "/api/v1/job-runs/:id",
    permission: "jobs:read",
    summary: "Shows a run and how far it is",
    output: runSchema,
    run: async ({ sql }, input) => runView(await getById(sql, input)),
  }),
  write.item({
    method: "POST",
    path: "/api/v1/job-runs/:id/cancel",
    permission: "jobs:write",
    summary: "Cancels a run that waits, or tells one that runs to end",
    output: runSchema,
    async run(context, { actor, ...input }) {
      const { id } = await getById(context.sql, input);
      await cancelRun(jobsContext(context, actor), id);
      return runView(await getRun(context.sql, id));
    },
  }),
];
