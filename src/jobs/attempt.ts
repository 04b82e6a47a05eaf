import type { Pool } from "../db/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { inTime } from "../kernel/in_time.ts";
import { pause } from "../kernel/pause.ts";
import type { JobContext, JobResult } from "./job.ts";
import { findMark, storeMark } from "./job_store.ts";
import type { Plan } from "./plan.ts";
import type { Run } from "./run.ts";
import { type Beat, beat, type RunEnd } from "./run_store.ts";

/** Why a run is ended from outside; `gone`: it is no longer this node's. */
export type EndReason = "timeout" | "cancelled" | "stopped" | "gone";

/** What every run of this isolate is given. */
export type Equipment = Pick<JobContext, "log" | "clock" | "writer" | "backups" | "keys">;

export interface Timing {
  /** Milliseconds between signs of life of a run. */
  readonly heartbeatMs: number;
  /** A run of which nothing was heard for this long is lost. */
  readonly lostAfterMs: number;
  /** What a run that was told to end may still take before its connections are cut. */
  readonly graceMs: number;
}

export interface AttemptOptions {
  readonly run: Run;
  readonly plan: Plan;
  readonly node: string;
  /** The scheduler's pool: for signs of life. */
  readonly sql: Pool;
  /** Opens the run's own pool; `applicationName` tells its connections from all others. */
  openPool(applicationName: string): Pool;
  readonly equipment: Equipment;
  readonly timing: Timing;
  readonly stopping: AbortSignal;
}

/** One run under way. */
export interface Attempt {
  /** Looks at once whether the run was cancelled. */
  look(): void;
  /** How it ended; undefined when it is no longer this node's to say. */
  readonly ended: Promise<RunEnd | undefined>;
  /** Resolves when the job has really returned, which can be later where it heeds nothing. */
  readonly returned: Promise<void>;
}

/** Begins a run: within its time, alive by its heartbeat, and ended for good when it is told to and does not. */
export function beginAttempt(options: AttemptOptions): Attempt {
  const { plan, stopping } = options;
  const ending = new AbortController();
  const end = (reason: EndReason): void => ending.abort(reason);
  const timer = setTimeout(() => end("timeout"), plan.timeoutMs);
  const onStop = (): void => end("stopped");
  stopping.addEventListener("abort", onStop);
  const pulse = keepAlive(options, ending.signal, end);
  const pool = options.openPool(nameOf(options.run));
  const work = doWork(options, pool, ending.signal, pulse.progress);
  const returned = work.then(() => {}, () => {});

  async function finish(): Promise<RunEnd | undefined> {
    const over = new AbortController();
    try {
      return await Promise.race([work, givenUp(options, pool, ending.signal, over.signal)]);
    } finally {
      over.abort();
      clearTimeout(timer);
      stopping.removeEventListener("abort", onStop);
      await pulse.stop();
    }
  }
  return { look: pulse.look, ended: finish(), returned };
}

/** Resolves when a run that was told to end has had its time, and another chance without its connections. */
async function givenUp(
  { sql, run, timing: { graceMs } }: AttemptOptions,
  pool: Pool,
  ending: AbortSignal,
  over: AbortSignal,
): Promise<RunEnd | undefined> {
  await aborted(ending);
  await pause(graceMs, over);
  if (!over.aborted) {
    await pool.end({ timeout: 0 }).catch(() => undefined);
    await endBackends(sql, nameOf(run)).catch(() => undefined);
    await pause(graceMs, over);
  }
  return endOf(ending.reason, "It did not heed that it was told to end");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function doWork(
  { run, plan, sql, equipment }: AttemptOptions,
  pool: Pool,
  signal: AbortSignal,
  progress: JobContext["progress"],
): Promise<RunEnd | undefined> {
  try {
    const work = await plan.job.load();
    const parameters = readParameters(plan, run);
    const mark = await findMark(sql, run.job);
    const result = await work({ ...equipment, sql: pool, signal, progress, parameters, mark });
    if (signal.aborted) return endOf(signal.reason, result.message);
    if (result.mark) await storeMark(sql, run.job, result.mark);
    return resultEnd(result);
  } catch (error) {
    if (signal.aborted) return endOf(signal.reason, messageOf(error));
    return { status: "failed", message: short(messageOf(error)), processed: null, failed: null };
  } finally {
    await pool.end({ timeout: 0 }).catch(() => undefined);
  }
}

/** The configuration's parameters with what the run says otherwise. Throws `invalid`. */
function readParameters({ job, parameters }: Plan, run: Run): unknown {
  const parsed = job.parameters.safeParse({ ...parameters, ...run.parameters });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError("invalid", `Parameter ${issue?.path.join(".")}: ${issue?.message}`);
}

function resultEnd({ message, processed, failed }: JobResult): RunEnd {
  return {
    status: failed === undefined || failed === 0 ? "ok" : "failed",
    message: short(message),
    processed: processed ?? null,
    failed: failed ?? null,
  };
}

function endOf(reason: EndReason, message: string): RunEnd | undefined {
  if (reason === "gone") return undefined;
  const status = reason === "stopped" ? "lost" : reason;
  const why = reason === "stopped" ? "The service was stopped: " : "";
  return { status, message: short(why + message), processed: null, failed: null };
}

const SILENT = "The database does not answer";

/** Shows progress and notices cancellation, until `stop`. */
function keepAlive(
  { sql, run, node, timing, equipment }: AttemptOptions,
  signal: AbortSignal,
  end: (reason: EndReason) => void,
): { readonly progress: JobContext["progress"]; look(): void; stop(): Promise<void> } {
  const stopped = new AbortController();
  let state: Omit<Beat, "id" | "node"> = { done: null, total: null, note: null };
  let shown = state;
  let woken = new AbortController();
  const pauseMs = timing.heartbeatMs / 5;

  async function pulse(): Promise<void> {
    for (let silentMs = 0; !stopped.signal.aborted; silentMs += pauseMs) {
      await pause(pauseMs, AbortSignal.any([stopped.signal, woken.signal]));
      if (!woken.signal.aborted && silentMs < timing.heartbeatMs && shown === state) continue;
      woken = new AbortController();
      silentMs = 0;
      await tell();
    }
  }
  async function tell(): Promise<void> {
    shown = state;
    const answer = inTime(beat(sql, { id: run.id, node, ...shown }), timing.heartbeatMs, SILENT);
    const heard = await answer.catch((error) =>
      equipment.log.warn("A run cannot say that it is alive", { cause: messageOf(error) })
    );
    if (heard === "gone" || heard === "cancelled") end(heard);
  }
  const running = pulse();
  return {
    progress: (done, total, note) => {
      if (!signal.aborted) {
        state = { done, total: total ?? null, note: note?.slice(0, 200) ?? null };
      }
    },
    look: () => woken.abort(),
    async stop() {
      stopped.abort();
      await running;
      if (shown !== state) await tell();
    },
  };
}

/** A server goes on with a statement although its client is gone. */
async function endBackends(sql: Pool, applicationName: string): Promise<void> {
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = ${applicationName} and datname = current_database()
  `;
}

function nameOf({ id, job }: Run): string {
  return `spgov job ${id.slice(-12)} ${job}`.slice(0, 63);
}

function short(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
