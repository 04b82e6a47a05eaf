/// <reference lib="deno.worker" />
import { countAnomalies } from "../analytics/mod.ts";
import {
  checkDurability,
  listen,
  makeOwnLogin,
  migrate,
  MIGRATIONS,
  openPool,
  type OwnLoginRole,
  type Pool,
} from "../db/mod.ts";
import { ensureOperator } from "../identity/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { collectGarbage } from "../kernel/memory.ts";
import type { Log } from "../kernel/log.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { connect, type Connection, serve } from "../kernel/rpc.ts";
import { type JobKeys, JOBS, JOBS_CHANNEL, Scheduler } from "../jobs/mod.ts";
import type { SchedulerConfig } from "../jobs/config/mod.ts";
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
let scheduler: Scheduler | undefined;
let keys: Connection<JobKeys> | undefined;

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

/** Asks the isolate that holds keys, by the newest line to it. */
const asksKeys: JobKeys = {
  sealPublicKey: () => lineToKeys().sealPublicKey(),
  signRetention: (body) => lineToKeys().signRetention(body),
  backupKey: (salt) => lineToKeys().backupKey(salt),
};

function lineToKeys(): JobKeys {
  if (!keys) throw new AppError("unavailable", "There is no line to the isolate that holds keys");
  return keys.remote;
}

function createScheduler(config: SchedulerConfig): Scheduler {
  const { sql, log, options: { database, instance, backups } } = prepared();
  return new Scheduler({
    jobs: JOBS,
    config,
    node: `${instance}/${crypto.randomUUID().slice(0, 8)}`,
    sql,
    openPool: (applicationName) => openPool(database, { max: 2, applicationName }),
    listen: (heard) =>
      listen(database, {
        channel: JOBS_CHANNEL,
        applicationName: "spgov jobs channel",
        onNotify: heard,
        onReconnect: heard,
      }),
    equipment: { log, clock: systemClock, writer: `${instance}/jobs`, backups, keys: asksKeys },
  });
}

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
  useKeys(port: MessagePort) {
    keys?.abort("The isolate that holds keys was started again");
    keys = connect<JobKeys>(port);
    port.start();
  },
  run(config: SchedulerConfig) {
    scheduler = createScheduler(config);
    scheduler.start();
    collectGarbage();
  },
  useLog: (port: MessagePort) => prepared().outbox.attach(port),
  configure: (config: SchedulerConfig) => scheduler?.configure(config),
  async stop() {
    await scheduler?.stop();
    await running?.outbox.flush();
    await running?.sql.end({ timeout: 1 });
    running?.outbox.close();
  },
});
