import { ensurePartitions, forgetWindows } from "../audit/mod.ts";
import { checkDurability, type Pool } from "../db/mod.ts";
import { forgetOverSignIns } from "../identity/mod.ts";
import type { Log } from "../kernel/log.ts";
import { forgetOverGrants, forgetUnusedClients } from "../oauth/mod.ts";
import { pause } from "../kernel/pause.ts";

/** Work that is done again and again. */
export interface Job {
  readonly name: string;
  readonly description: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

const MINUTE = 60_000;

/** Everything periodic, in one screen. */
export function upkeep(sql: Pool, log: Log): readonly Job[] {
  return [
    {
      name: "durability-check",
      description: "Reads the settings that durability rests on",
      everyMs: MINUTE,
      run: async () => {
        const weak = await checkDurability(sql);
        if (weak.length > 0) log.error("The database may forget what it confirmed", { weak });
      },
    },
    {
      name: "audit-partitions",
      description: "Makes the audit's partitions of the months to come",
      everyMs: 60 * MINUTE,
      run: () => ensurePartitions(sql),
    },
    {
      name: "limit-windows",
      description: "Removes windows of limits that are over",
      everyMs: MINUTE,
      run: () => forgetWindows(sql),
    },
    {
      name: "sign-ins",
      description: "Forgets cookies, links, challenges and attempts that count no more",
      everyMs: 15 * MINUTE,
      run: () => forgetOverSignIns(sql),
    },
    {
      name: "grants",
      description:
        "Forgets interactions, codes and tokens of the authorization server that are over",
      everyMs: 15 * MINUTE,
      run: () => forgetOverGrants(sql),
    },
    {
      name: "unused-clients",
      description: "Forgets clients that registered themselves and were never let in",
      everyMs: 360 * MINUTE,
      run: () => forgetUnusedClients(sql),
    },
  ];
}

/** Runs the jobs, each at its own pace, until `signal` aborts. One that fails is reported and tried again. */
export async function runJobs(
  jobs: readonly Job[],
  signal: AbortSignal,
  onFailure: (job: Job, error: unknown) => void,
): Promise<void> {
  await Promise.all(jobs.map((job) => repeat(job, signal, onFailure)));
}

async function repeat(
  job: Job,
  signal: AbortSignal,
  onFailure: (job: Job, error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await job.run().catch((error) => onFailure(job, error));
    await pause(job.everyMs, signal);
  }
}
