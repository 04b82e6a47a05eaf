import type * as z from "zod";
import type { Statement } from "../audit/mod.ts";
import type { Pool } from "../db/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

/** What a run came to. A run that fails throws instead. */
export interface JobResult {
  /** For people, e.g. `Removed 12 windows`. Never a secret. */
  readonly message: string;
  /** Items it dealt with, and items it could not deal with. A run with `failed` above 0 counts as failed. */
  readonly processed?: number;
  readonly failed?: number;
  /** What the next run is to know, see `JobContext.mark`; kept as JSON. */
  readonly mark?: Readonly<Record<string, unknown>>;
}

/** What the isolate that holds keys does for jobs: they hold none. */
export interface JobKeys {
  /** Raw Ed25519 public key of the seals. */
  sealPublicKey(): Promise<Uint8Array>;
  /** Signs a retention statement with the seal key. */
  signRetention(body: Statement["body"]): Promise<Statement>;
  /** The key of the one backup with this salt, 32 bytes. */
  backupKey(salt: Uint8Array): Promise<Uint8Array>;
}

/** What a run gets. */
export interface JobContext<Parameters = unknown> {
  /** As the owner of the tables; the run's own pool, closed with it. At most two connections. */
  readonly sql: Pool;
  /** Aborts when the time is up, when the run is cancelled, and when the service stops: end soon then. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: Clock;
  /** The chain of the audit that takes rows of jobs. */
  readonly writer: string;
  /** The folder for backups. */
  readonly backups: string;
  readonly keys: JobKeys;
  /** Checked by the job's own schema, defaults filled in. */
  readonly parameters: Parameters;
  /** What the newest run that gave a mark left; empty at first. */
  readonly mark: Readonly<Record<string, unknown>>;
  /** Shown to whoever watches the run; as often as one likes, written once a second at most. */
  progress(done: number, total?: number, note?: string): void;
}

export type JobRun<Parameters> = (context: JobContext<Parameters>) => Promise<JobResult>;

/** What happens to a time that passed while no service ran: nothing, or one run for all of them. */
export type CatchUp = "skip" | "once";

/** Work that is done on a schedule, by one replica at a time. */
export interface JobSpec<Schema extends z.ZodType> {
  /** Small letters, digits and `-`; the key in `services/scheduler/config.yaml`. */
  readonly name: string;
  /** One line, a sentence without full stop. */
  readonly description: string;
  readonly tags: readonly JobTag[];
  /** Whether it runs without being configured; default true. */
  readonly enabled?: boolean;
  /** Cron with five fields, or six with seconds first; see `config.yaml` for the time zone. */
  readonly schedule: string;
  readonly timeoutMs: number;
  /** Runs of one due time, the first one included: one that failed or was lost is tried again after a while. */
  readonly attempts: number;
  readonly catchUp: CatchUp;
  /** What `parameters` of the configuration and `--param key=value` may say; texts are read as what is meant. */
  readonly parameters: Schema;
  /** Parameters that only the configuration sets: whoever may ask for a run cannot say otherwise. */
  readonly fixed?: readonly string[];
  /** Imports the work when it is first run. */
  load(): Promise<JobRun<z.output<Schema>>>;
}

export type JobTag = "upkeep" | "retention" | "audit" | "identity" | "analytics" | "backup";

/** A job whose kind of parameters only its own schema knows. */
export type Job = JobSpec<z.ZodType>;

/** Ties the type of the parameters that `load` takes to their schema. */
export function defineJob<Schema extends z.ZodType>(spec: JobSpec<Schema>): Job {
  return spec as unknown as Job;
}
