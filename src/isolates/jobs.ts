/// <reference lib="deno.worker" />
import { countAnomalies } from "../analytics/mod.ts";
import {
  checkDurability,
  makeOwnLogin,
  migrate,
  MIGRATIONS,
  openPool,
  type OwnLoginRole,
  type Pool,
} from "../db/mod.ts";
import { ensureOperator } from "../identity/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { collectGarbage } from "../kernel/memory.ts";
import type { Log } from "../kernel/log.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { serve } from "../kernel/rpc.ts";
import { type Job, type JobKeys, JOBS, runJobs } from "../jobs/mod.ts";
import { createIsolateRegistry } from "./isolate_metrics.ts";
import { createIdentityContext } from "./identity_context.ts";
import type { JobsApi, JobsStart } from "./protocol.ts";

interface Running {
  readonly sql: Pool;
  readonly log: Log;
  readonly outbox: LogOutbox;
  readonly options: JobsStart;
}

let running: Running | undefined;
const stopping = new AbortController();
let schedule: Promise<void> | undefined;

async function prepare(options: JobsStart): Promise<{ applied: readonly string[] }> {
  const { log, outbox } = createIsolateLog("jobs", options.logLevels);
  const sql = openPool(options.database, { max: 2, applicationName: "spgov jobs" });
  const writer = `${options.instance}/jobs`;
  running = { sql, log, outbox, options };
  await refuseWeakSettings(sql);
  const { applied } = await migrate(sql, MIGRATIONS);
  await ensureOperator(createIdentityContext(sql, systemClock, writer));
  return { applied: applied.map(({ name }) => name) };
}

async function refuseWeakSettings(sql: Pool): Promise<void> {
  const weak = await checkDurability(sql);
  if (weak.length === 0) return;
  const list = weak.map(({ setting, value, where }) => `${setting} = ${value} (${where})`).join(
    ", ",
  );
  throw new AppError("unavailable", `The database may forget what it confirmed: ${list}`, {
    hint: "Set fsync, full_page_writes and synchronous_commit to on.",
  });
}

function prepared(): Running {
  if (!running) throw new AppError("internal", "Jobs are not prepared");
  return running;
}

const noKey = () => Promise.reject(new AppError("unavailable", "There is no line to the keys"));
const NO_KEYS: JobKeys = { sealPublicKey: noKey, signRetention: noKey, backupKey: noKey };
const registry = createIsolateRegistry();
registry.observe(
  "gauge",
  { name: "spgov.anomalies", unit: "{anomaly}", help: "Anomalies of the last 24 hours" },
  async () => {
    const since = new Date(systemClock.now() - 24 * 3_600_000);
    const counts = await countAnomalies(prepared().sql, since);
    return counts.map(({ severity, subjectKind, count }) => ({
      labels: { severity, kind: subjectKind },
      value: count,
    }));
  },
);

serve<JobsApi>(self as unknown as Worker, {
  prepare,
  metrics: () => registry.families(),
  makeLogin(role: OwnLoginRole) {
    const { sql, options: { database, instance } } = prepared();
    return makeOwnLogin(sql, database, role, instance);
  },
  run() {
    const { sql, log, options } = prepared();
    const onFailure = (job: Job, error: unknown) =>
      log.error("A job failed", { job: job.name, cause: messageOf(error) });
    const writer = `${options.instance}/jobs`;
    const context = { sql, log, clock: systemClock, writer, keys: NO_KEYS, backups: "" };
    schedule = runJobs(JOBS, context, stopping.signal, onFailure);
    collectGarbage();
  },
  useLog: (port: MessagePort) => prepared().outbox.attach(port),
  async stop() {
    stopping.abort();
    await schedule;
    await running?.outbox.flush();
    await running?.sql.end({ timeout: 1 });
    running?.outbox.close();
  },
});
