import assert from "node:assert/strict";
import * as z from "zod";
import { appendRows, eventRow } from "../../src/audit/mod.ts";
import { listen, openPool, type Pool } from "../../src/db/mod.ts";
import {
  isOver,
  type Job,
  type JobContext,
  type JobResult,
  JOBS_CHANNEL,
  type JobsContext,
  type Run,
  Scheduler,
  type SchedulerOptions,
} from "../../src/jobs/mod.ts";
import { schedulerSchema } from "../../src/jobs/config/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { pause } from "../../src/kernel/pause.ts";
import { type TestDatabase, withDatabase } from "../support/mod.ts";
import { ADMIN } from "./identity_world.ts";

/** Once a year: what a test does not ask for does not happen. */
export const NEVER = "0 0 1 1 *";
const SECONDS = 15;

/** A database, and schedulers of jobs that a test says what they do. */
export interface JobsWorld {
  readonly sql: Pool;
  readonly database: TestDatabase;
  readonly context: JobsContext;
  /** Starts a scheduler as a replica would; stopped at the end. */
  start(jobs: readonly Job[], over?: Partial<SchedulerOptions>): Scheduler;
  runs(job?: string): Promise<Run[]>;
  /** The runs of `job` once `isSo` of them is true; fails after a while. */
  until(job: string, isSo: (runs: readonly Run[]) => boolean): Promise<Run[]>;
  /** The one run of a job, once it is over. */
  over(job: string): Promise<Run>;
  request(job: string, parameters?: Record<string, unknown>): Promise<string>;
}

/** A job that does `run`. */
export function jobOf(
  name: string,
  run: (context: JobContext<never>) => Promise<JobResult>,
  over: Partial<Job> = {},
): Job {
  return {
    name,
    description: "A job of a test",
    tags: ["upkeep"],
    schedule: NEVER,
    timeoutMs: 60_000,
    attempts: 1,
    catchUp: "skip",
    parameters: z.strictObject({ n: z.string().regex(/^\d+$/).default("0") }),
    load: () => Promise.resolve(run as (context: JobContext) => Promise<JobResult>),
    ...over,
  };
}

/** Waits until something is so; fails after a while. */
export async function eventually(
  isSo: () => Promise<boolean>,
  say: () => string = () => "",
): Promise<void> {
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await pause(20)) {
    if (await isSo()) return;
  }
  assert.fail(`Not so after ${SECONDS} s: ${say()}`);
}

const noKey = () => Promise.reject(new Error("There are no keys in this test"));

export async function withJobs(body: (world: JobsWorld) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const sql = openPool(database.owner, { max: 8, applicationName: "test" });
    const schedulers: Scheduler[] = [];
    const world = makeWorld(database, sql, schedulers);
    try {
      await body(world);
    } finally {
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
      await sql.end({ timeout: 1 });
    }
  });
}

function makeWorld(database: TestDatabase, sql: Pool, schedulers: Scheduler[]): JobsWorld {
  const open = (applicationName: string) => openPool(database.owner, { max: 2, applicationName });
  const runs = (job?: string) =>
    sql<Run[]>`select * from job_runs where ${job ?? null}::text is null or job = ${
      job ?? null
    } order by id`;
  const until: JobsWorld["until"] = async (job, isSo) => {
    let found: Run[] = [];
    const say = () => JSON.stringify(found);
    await eventually(async () => isSo(found = await runs(job)), say);
    return found;
  };
  return {
    sql,
    database,
    context: {
      sql,
      actor: ADMIN,
      record: (tx, events) =>
        appendRows(tx, "test", events.map((event) => eventRow(event, Date.now()))),
    },
    start(jobs, over = {}) {
      const node = `node-${schedulers.length}`;
      const scheduler = new Scheduler({
        jobs,
        config: schedulerSchema.parse({}),
        node,
        sql,
        openPool: open,
        listen: (heard) =>
          listen(database.owner, {
            channel: JOBS_CHANNEL,
            applicationName: "test jobs",
            onNotify: heard,
            onReconnect: heard,
          }),
        equipment: {
          log: createLog({ module: "test", write: () => {} }),
          clock: systemClock,
          writer: "test/jobs",
          backups: "",
          keys: { sealPublicKey: noKey, signRetention: noKey, backupKey: noKey },
        },
        ...over,
        timing: { heartbeatMs: 200, lostAfterMs: 1500, graceMs: 300, lookMs: 500, ...over.timing },
      });
      schedulers.push(scheduler);
      scheduler.start();
      return scheduler;
    },
    runs,
    until,
    async over(job) {
      const [run] = await until(job, (found) => found.length === 1 && found.every(isOver));
      return run ?? assert.fail("No run");
    },
    async request(job, parameters = {}) {
      const id = crypto.randomUUID();
      await sql`insert into job_runs (id, job, requested_by, parameters)
                values (${id}, ${job}, 'ada', ${sql.json(parameters as never)})`;
      return id;
    },
  };
}
