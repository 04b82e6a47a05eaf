import type { Listener, Pool } from "../db/mod.ts";
import { messageOf } from "../kernel/errors.ts";
import { uuidV7 } from "../kernel/ids.ts";
import { pause } from "../kernel/pause.ts";
import { type Attempt, beginAttempt, type Equipment, type Timing } from "./attempt.ts";
import type { SchedulerConfig } from "./config/mod.ts";
import type { Job } from "./job.ts";
import { storeJobs, unplanDisabled } from "./job_store.ts";
import { removeNode, seeNode } from "./node_store.ts";
import { type Plan, planJobs, takeDue } from "./plan.ts";
import { backoffMs, type Run } from "./run.ts";
import {
  addRun,
  claimRun,
  dropCancelled,
  endRun,
  markLost,
  nextWaitMs,
  type RunEnd,
} from "./run_store.ts";

/** Notifications of runs asked for, cancellations and switches. */
export const JOBS_CHANNEL = "spgov_jobs";

export interface SchedulerOptions {
  readonly jobs: readonly Job[];
  readonly config: SchedulerConfig;
  /** Names this scheduler among all replicas; never the same twice. */
  readonly node: string;
  /** As the owner; for the scheduler itself, not for its runs. */
  readonly sql: Pool;
  /** Opens the pool of one run. */
  openPool(applicationName: string): Pool;
  /** Listens to `JOBS_CHANNEL`. */
  listen(heard: () => void): Listener;
  readonly equipment: Equipment;
  readonly timing?: Partial<Timing & { readonly lookMs: number }>;
}

const TIMING = { heartbeatMs: 5000, lostAfterMs: 30_000, graceMs: 5000, lookMs: 10_000 };
/** Looks are never closer than this, whatever is announced. */
const SHORTEST_LOOK_MS = 20;
const END_TRIES = 5;

/**
 * Runs jobs when they are due or asked for, together with the schedulers of other replicas: which of them
 * plans a time, takes up a run or finds one lost is settled in the database.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timing: Timing & { readonly lookMs: number };
  readonly #stopping = new AbortController();
  readonly #attempts = new Map<string, Attempt>();
  /** Jobs whose work has not returned, which some do not though their run is over: none begins here meanwhile. */
  readonly #busy = new Set<string>();
  readonly #endings = new Set<Promise<void>>();
  #plans: ReadonlyMap<string, Plan>;
  #config: SchedulerConfig;
  #isStored = false;
  #woken = new AbortController();
  #running: Promise<void> | undefined;
  #listener: Listener | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#config = options.config;
    this.#plans = planJobs(options.jobs, options.config);
  }

  start(): void {
    this.#listener = this.#options.listen(() => {
      for (const attempt of this.#attempts.values()) attempt.look();
      this.#wake();
    });
    this.#running = this.#run();
  }

  /** Goes by another configuration from the next look on; runs under way are left alone. */
  configure(config: SchedulerConfig): void {
    this.#config = config;
    this.#plans = planJobs(this.#options.jobs, config);
    this.#isStored = false;
    this.#wake();
  }

  /** Ends the runs under way; another replica may take them up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#listener?.stop();
    await this.#running;
    await Promise.all(this.#endings);
    await removeNode(this.#options.sql, this.#options.node).catch(() => undefined);
  }

  #wake(): void {
    this.#woken.abort();
  }

  async #run(): Promise<void> {
    const { log } = this.#options.equipment;
    while (!this.#stopping.signal.aborted) {
      this.#woken = new AbortController();
      const waitMs = await this.#look().catch((error) => {
        if (!this.#stopping.signal.aborted) {
          log.error("Jobs cannot be looked at", { cause: messageOf(error) });
        }
        return this.#timing.lookMs;
      });
      const awaited = AbortSignal.any([this.#stopping.signal, this.#woken.signal]);
      await pause(Math.min(SHORTEST_LOOK_MS, waitMs), this.#stopping.signal);
      await pause(Math.max(0, waitMs - SHORTEST_LOOK_MS), awaited);
    }
  }

  /** Does what there is to do, and answers the milliseconds after which to look again. */
  async #look(): Promise<number> {
    const { sql, node } = this.#options;
    const { lookMs, lostAfterMs } = this.#timing;
    if (!this.#config.enabled) {
      await removeNode(sql, node);
      return lookMs;
    }
    await seeNode(sql, node);
    await this.#store();
    await unplanDisabled(sql);
    await dropCancelled(sql);
    for (const run of await markLost(sql, lostAfterMs)) await this.#retry(run, 0);
    await takeDue(sql, this.#plans);
    while (await this.#claim());
    const dueMs = await nextWaitMs(sql, [...this.#plans.keys()]);
    return Math.max(0, Math.min(dueMs ?? lookMs, lookMs));
  }

  async #store(): Promise<void> {
    if (this.#isStored) return;
    const plans = this.#plans;
    const jobs = [...plans.values()].map(({ job, enabled, schedule, timeZone }) => ({
      name: job.name,
      configured: enabled,
      schedule,
      timeZone,
    }));
    await storeJobs(this.#options.sql, jobs);
    this.#isStored = plans === this.#plans;
  }

  /** Takes up one run that waits; false when there is none or no place for it. */
  async #claim(): Promise<boolean> {
    const { sql, node } = this.#options;
    if (this.#stopping.signal.aborted || this.#attempts.size >= this.#config.concurrency) {
      return false;
    }
    const names = [...this.#plans.keys()].filter((name) => !this.#busy.has(name));
    const run = await claimRun(sql, node, names).catch(orTakenByAnother);
    const plan = run && this.#plans.get(run.job);
    if (!run || !plan) return false;
    this.#begin(run, plan);
    return true;
  }

  #begin(run: Run, plan: Plan): void {
    const { sql, node, openPool, equipment } = this.#options;
    const attempt = beginAttempt({
      run,
      plan,
      node,
      sql,
      openPool,
      equipment,
      timing: this.#timing,
      stopping: this.#stopping.signal,
    });
    this.#attempts.set(run.id, attempt);
    this.#busy.add(run.job);
    void attempt.returned.then(() => this.#busy.delete(run.job));
    const ending = this.#finish(run, attempt).finally(() => {
      this.#attempts.delete(run.id);
      this.#endings.delete(ending);
      this.#wake();
    });
    this.#endings.add(ending);
  }

  async #finish(run: Run, { ended }: Attempt): Promise<void> {
    const { sql, node, equipment: { log } } = this.#options;
    const end = await ended;
    if (!end) return log.warn("A run was taken for lost", { job: run.job, run: run.id });
    for (let tries = 1; tries <= END_TRIES; tries++) {
      try {
        if (await endRun(sql, { id: run.id, node }, end)) await this.#afterwards(run, end);
        return;
      } catch (error) {
        log.warn("The end of a run cannot be stored", { run: run.id, cause: messageOf(error) });
        await pause(1000 * tries, this.#stopping.signal);
      }
    }
  }

  async #afterwards(run: Run, { status, message }: RunEnd): Promise<void> {
    const fields = { job: run.job, run: run.id, status, says: message };
    if (status === "ok") return this.#options.equipment.log.debug("A job has run", fields);
    if (status === "lost") await this.#retry(run, 0);
    else if (status !== "cancelled") await this.#retry(run, backoffMs(run.attempt, Math.random()));
    this.#options.equipment.log[status === "failed" ? "error" : "warn"](
      "A job did not succeed",
      fields,
    );
  }

  /** Queues the next attempt of a due time, where there is one left. */
  async #retry(run: Run, waitMs: number): Promise<void> {
    const plan = this.#plans.get(run.job);
    if (!plan || run.scheduledFor === null || run.attempt >= plan.attempts) return;
    await addRun(this.#options.sql, {
      id: uuidV7(),
      job: run.job,
      trigger: "retry",
      scheduledFor: run.scheduledFor,
      attempt: run.attempt + 1,
      parameters: run.parameters,
      waitMs,
    });
  }
}

const UNIQUE_VIOLATION = "23505";

function orTakenByAnother(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === UNIQUE_VIOLATION) return;
  throw error;
}
