import { defineJob, type Job } from "./job.ts";
import { LOG_CLEANUP, NO_PARAMETERS } from "./parameters.ts";
import { anomalyParameters } from "./shipped/anomaly_parameters.ts";

const MINUTE = 60_000;

/** Frequent, quick, and as well done the next time: nothing is tried again or caught up with. */
const UPKEEP = {
  tags: ["upkeep"],
  timeoutMs: 5 * MINUTE,
  attempts: 1,
  catchUp: "skip",
  parameters: NO_PARAMETERS,
} as const;

/** Every job there is, in the order of `spgov infra jobs list`. A new one is one entry here and one file. */
export const JOBS: readonly Job[] = [
  defineJob({
    ...UPKEEP,
    name: "durability-check",
    description: "Reads the settings that durability rests on",
    schedule: "* * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).durabilityCheck,
  }),
  defineJob({
    ...UPKEEP,
    name: "audit-partitions",
    description: "Makes the audit's partitions of the months to come",
    schedule: "7 * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).auditPartitions,
  }),
  defineJob({
    ...UPKEEP,
    name: "limit-windows",
    description: "Removes windows of limits that are over",
    schedule: "30 * * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).limitWindows,
  }),
  defineJob({
    ...UPKEEP,
    name: "sign-ins",
    description: "Forgets cookies, links, challenges and attempts that count no more",
    schedule: "*/15 * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).signIns,
  }),
  defineJob({
    ...UPKEEP,
    name: "grants",
    description: "Forgets interactions, codes and tokens of the authorization server that are over",
    schedule: "5-59/15 * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).grants,
  }),
  defineJob({
    ...UPKEEP,
    name: "unused-clients",
    description: "Forgets clients that registered themselves and were never let in",
    schedule: "40 */6 * * *",
    load: async () => (await import("./shipped/upkeep.ts")).unusedClients,
  }),
  defineJob({
    ...UPKEEP,
    name: "api-answers",
    description: "Forgets what requests with an Idempotency-Key were answered a day ago",
    schedule: "25 * * * *",
    load: async () => (await import("./shipped/upkeep.ts")).apiAnswers,
  }),
  defineJob({
    name: "log-cleanup",
    description:
      "Removes log lines that are older than their level stays, unless a collector waits",
    tags: ["retention"],
    schedule: "20 2 * * *",
    timeoutMs: 60 * MINUTE,
    attempts: 3,
    catchUp: "once",
    parameters: LOG_CLEANUP,
    load: async () => (await import("./shipped/log_cleanup.ts")).logCleanup,
  }),
  defineJob({
    name: "anomaly-scan",
    description: "Finds hours of users, agents and tools that are unlike those before them",
    tags: ["analytics"],
    schedule: "3-59/10 * * * *",
    timeoutMs: 30 * MINUTE,
    attempts: 1,
    catchUp: "once",
    parameters: anomalyParameters,
    load: async () => (await import("./shipped/anomalies.ts")).anomalyScan,
  }),
];
