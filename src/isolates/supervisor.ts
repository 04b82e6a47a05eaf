import type { Configuration } from "../config/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { forbidCoreDumps } from "../kernel/core_dumps.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { backupsOf, ensureInstance, homeAt, shortInstance } from "../kernel/home.ts";
import type { Log } from "../kernel/log.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import { collectGarbage } from "../kernel/memory.ts";
import { ensureMasterKey } from "../vault/mod.ts";
import type { OwnLoginRole } from "../db/mod.ts";
import { type Database, findDatabase, openDatabase } from "./database.ts";
import { createFleet } from "./fleet.ts";
import {
  computePermissions,
  configurationPermissions,
  type PermissionList,
} from "./permissions.ts";
import { findFreePort } from "./port.ts";
import type {
  ConfigurationApi,
  EgressApi,
  GatewayApi,
  GatewayStart,
  GatewayStats,
  IsolateName,
  JobsApi,
  LoadResult,
  LogsApi,
  TelemetryApi,
} from "./protocol.ts";
import { forGateway } from "./gateway_configuration.ts";
import { serveDocuments } from "./document_fetch.ts";
import { createLineKeeping } from "./line_keeping.ts";
import { logsSetupOf } from "./logs_setup.ts";
import { oauthSetupOf } from "./oauth_setup.ts";
import { providersOf } from "./providers.ts";
import { keepIsolate, type Kept } from "./kept.ts";
import { createCollector, type MetricsHub, serveMetrics, type Source } from "./metrics_hub.ts";
import { createProcessRegistry } from "./process_metrics.ts";
import { type Isolate, spawnIsolate } from "./spawn.ts";
import { createTelemetryKeeping } from "./telemetry_keeping.ts";
import { telemetrySetupOf } from "./telemetry_setup.ts";
import { createUpstreamSetup } from "./upstreams.ts";

export interface StartOptions {
  /** Absolute path of the home folder. */
  readonly home: string;
  readonly profilePath: string;
  /** The folder `services/`. */
  readonly services: string;
  /** Instead of the profile's; 0 takes any free port. */
  readonly port: number | undefined;
  /** `DATABASE_URL`, if set: it goes before the profile. */
  readonly databaseUrl: string | undefined;
  readonly onProgress?: (step: string) => void;
}

/** The running appliance. */
export interface Service {
  readonly url: string;
  readonly port: number;
  readonly revision: () => string;
  /** Migrations that this start applied. */
  readonly applied: readonly string[];
  readonly database: Database["kind"];
  readonly gateways: number;
  gatewayStats(): Promise<readonly GatewayStats[]>;
  stop(): Promise<void>;
}

/** What was started, newest last: stopped in the opposite order, each within its time. */
interface Cleanup {
  add(stop: () => Promise<unknown> | void): void;
  run(): Promise<void>;
}

const STOP_MS = 10_000;

/** Starts everything in order; what was started is stopped again when a later step fails. */
export async function startService(options: StartOptions): Promise<Service> {
  const cleanup = createCleanup();
  try {
    return await startAll(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function startAll(options: StartOptions, cleanup: Cleanup): Promise<Service> {
  const progress = options.onProgress ?? (() => {});
  const configuration = orThrow(await readConfiguration(options));
  const { server, log: { level, modules } } = configuration.profile;
  const { log, outbox } = createIsolateLog("supervisor", { level, modules });
  if (!await forbidCoreDumps()) {
    log.warn("A crash may leave a core file, which holds keys", { hint: "Set LimitCORE=0." });
  }
  const port = findFreePort(server.address, options.port ?? server.port);
  const prepareUpstreams = createUpstreamSetup(options, log);
  const backups = backupsOf(options.home, configuration.profile.backups.folder);
  const who = {
    instance: await prepareHome(options.home, backups),
    logLevels: { level, modules },
  };

  progress("Starting PostgreSQL");
  const database = await openDatabase({
    home: options.home,
    url: options.databaseUrl ?? configuration.profile.database.url,
    servingUrl: configuration.profile.database.serving_url,
    vaultUrl: configuration.profile.database.vault_url,
    log,
  });
  cleanup.add(() => database.stop());
  const permissionsOf = (of: Configuration) =>
    computePermissions(of, {
      ...options,
      database: database.serve,
      vault: database.vault,
      logs: database.logs,
      address: server.address,
      port,
    });
  let permissions = permissionsOf(configuration);

  progress("Bringing the database up to date");
  let current = configuration;
  let applied: readonly string[] = [];
  let upstreams = prepareUpstreams(configuration);
  // Thrown where it is waited for, by when it may have failed already.
  void upstreams.catch(() => undefined);
  let fingerprintKey: Uint8Array = new Uint8Array();
  // From then on an isolate that is started again takes all its steps at once.
  let isServing = false;
  const lines = createLineKeeping(outbox);
  cleanup.add(() => lines.stop());
  const restarts = new Map<string, number>();
  const onRestart = (kind: string) => restarts.set(kind, (restarts.get(kind) ?? 0) + 1);
  const collect = createCollector(
    (): readonly Source[] => [
      ...fleet.sources(),
      sourceOf(egress.current),
      sourceOf(jobs.current),
      ...lines.current ? [sourceOf(lines.current)] : [],
      ...telemetry.current ? [sourceOf(telemetry.current)] : [],
    ],
    createProcessRegistry(() => restarts),
  );
  const fleet = createFleet(
    async (index) => {
      const gateway = await startGateway(permissions.gateway, egress.current, collect, {
        ...who,
        index,
        database: await serving,
        configuration: forGateway(current),
        address: server.address,
        port,
        fingerprintKey,
      });
      await lines.keepOf(gateway);
      return gateway;
    },
    log,
    onRestart,
  );
  const preparing = keep<JobsApi>(
    "jobs",
    () => permissions.jobs,
    cleanup,
    onRestart,
    log,
    async (isolate) => {
      const { remote } = isolate;
      const prepared = await remote.prepare({ ...who, database: database.owner, backups });
      if (isServing) {
        await lines.keepOf(isolate);
        await lineJobs(remote, egress.current.remote);
        return await remote.run(current.scheduler);
      }
      applied = prepared.applied;
    },
  );
  const loginAs = async (role: OwnLoginRole, address: DatabaseAddress) =>
    address.user === database.owner.user
      ? await makeLogin((await preparing).current, role, address, log)
      : address;
  const serving = loginAs("spgov_serve", database.serve);
  const opening = loginAs("spgov_vault", database.vault);
  const logging = loginAs("spgov_logs", database.logs);
  const [jobs, egress] = await Promise.all([
    preparing,
    keep<EgressApi>(
      "egress",
      () => permissions.egress,
      cleanup,
      onRestart,
      log,
      async (isolate) => {
        const started = {
          ...who,
          home: options.home,
          database: await serving,
          vault: await opening,
          upstreams: await upstreams,
          oauth: oauthSetupOf(current),
          providers: await providersOf(current, options.services),
          documents: serveDocuments(() => current.profile.oauth),
        };
        ({ fingerprintKey } = await isolate.remote.start(started));
        if (!isServing) return;
        await lines.keepOf(isolate);
        await lines.useEgress(isolate);
        // The one before it, where it lives.
        await egress.current.remote.stopSealing().catch(() => undefined);
        await isolate.remote.startSealing();
        await fleet.each((gateway) => attach(gateway, isolate));
        await lineJobs(jobs.current.remote, isolate.remote).catch(() => undefined);
      },
    ),
    serving,
    opening,
    logging,
  ]);
  const telemetry = createTelemetryKeeping({
    permissions: () => permissions.telemetry,
    options: async (setup) => ({
      ...who,
      database: await logging,
      setup,
      metrics: serveMetrics(collect),
    }),
    keepLines: (isolate) => lines.keepOf(isolate),
    onRestart,
    log,
  });
  await lines.start({
    permissions: () => permissions.logs,
    log,
    onRestart,
    options: async () => ({
      instance: who.instance,
      home: options.home,
      database: await logging,
      setup: await logsSetupOf(current, options.home),
      fingerprintKey,
    }),
    others: () => [
      jobs.current,
      egress.current,
      ...fleet.all(),
      ...telemetry.current ? [telemetry.current] : [],
    ],
    egress: () => egress.current,
  });
  await egress.current.remote.startSealing();

  progress("Opening the gateways");
  cleanup.add(() => fleet.stop());
  const gateways = gatewayCount(server.gateways);
  await fleet.start(gateways);
  await lineJobs(jobs.current.remote, egress.current.remote);
  await jobs.current.remote.run(current.scheduler);
  cleanup.add(() => telemetry.stop());
  await telemetry.configure(await telemetrySetupOf(configuration, options.home));
  isServing = true;
  collectGarbage();
  cleanup.add(follow(options, log, async (next) => {
    const prepared = await prepareUpstreams(next);
    const providers = await providersOf(next, options.services);
    upstreams = Promise.resolve(prepared);
    current = next;
    const before = permissions;
    permissions = permissionsOf(next);
    // What an isolate may do is settled when it starts.
    if (String(before.egress.net) !== String(permissions.egress.net)) await egress.renew();
    // One that is just started again takes them from there.
    await egress.current.remote.configure(prepared).catch(() => undefined);
    await egress.current.remote.configureOAuth(oauthSetupOf(next)).catch(() => undefined);
    await jobs.current.remote.configure(next.scheduler).catch(() => undefined);
    await egress.current.remote.configureProviders(providers).catch(() => undefined);
    fleet.reload(forGateway(next));
    const isSame = ["net", "write"].every((what) =>
      String(before.logs[what as "net"]) === String(permissions.logs[what as "net"])
    );
    await lines.configure(await logsSetupOf(next, options.home), isSame);
    await telemetry.configure(await telemetrySetupOf(next, options.home));
  }));

  return {
    url: `http://${urlHost(server.address)}:${port}`,
    port,
    revision: () => current.revision,
    applied,
    database: database.kind,
    gateways,
    gatewayStats: () => fleet.stats(),
    stop: () => cleanup.run(),
  };
}

/** The permission lists that a start with these options computes, without starting anything. */
export async function listPermissions(
  options: StartOptions,
): Promise<Readonly<Record<IsolateName, PermissionList>>> {
  const configuration = orThrow(await readConfiguration(options));
  const { database: { url, serving_url, vault_url }, server } = configuration.profile;
  const database = await findDatabase({
    home: options.home,
    url: options.databaseUrl ?? url,
    servingUrl: serving_url,
    vaultUrl: vault_url,
  });
  return computePermissions(configuration, {
    ...options,
    database: database.serve,
    vault: database.vault,
    logs: database.logs,
    address: server.address,
    port: options.port ?? server.port,
  });
}

/**
 * Reads and checks the configuration in an isolate that may read its files and nothing else, and that
 * ends afterwards: parsers and policies of a check are no part of what serves.
 */
async function readConfiguration({ profilePath, services }: StartOptions): Promise<LoadResult> {
  const list = configurationPermissions({ profilePath, services });
  const reader = spawnIsolate<ConfigurationApi>("configuration", "configuration", list);
  try {
    return await reader.remote.load({ profilePath, services });
  } finally {
    reader.terminate();
  }
}

function orThrow(loaded: LoadResult): Configuration {
  if (loaded.ok) return loaded.value;
  throw new AppError(
    "invalid",
    ["The configuration is not valid", ...describe(loaded)].join("\n"),
    {
      details: { diagnostics: loaded.diagnostics },
    },
  );
}

function describe({ diagnostics }: Extract<LoadResult, { ok: false }>): string[] {
  return diagnostics.map(({ file, line, column, path, message }) =>
    `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${message}`
  );
}

async function prepareHome(path: string, backups: string): Promise<string> {
  const home = homeAt(path);
  const instance = await ensureInstance(path);
  for (const folder of [home.keys, home.seals, backups]) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  }
  // Made here, once, since egress may read the key's file and write none.
  const { key } = await ensureMasterKey({ home: path, env: Deno.env.toObject() });
  key.wipe();
  return shortInstance(instance);
}

/** Starts an isolate with `prepare`, now and whenever it fails. */
async function keep<Api extends { stop(): Promise<void> }>(
  kind: IsolateName,
  permissions: () => PermissionList,
  cleanup: Cleanup,
  onRestart: (kind: string) => void,
  log: Log,
  prepare: (isolate: Isolate<Api>) => Promise<unknown>,
): Promise<Kept<Api>> {
  const kept = await keepIsolate(
    kind,
    async () => {
      const isolate = spawnIsolate<Api>(kind, kind, permissions());
      try {
        await prepare(isolate);
        return isolate;
      } catch (error) {
        isolate.terminate();
        throw error;
      }
    },
    log,
    onRestart,
  );
  cleanup.add(() => kept.stop());
  return kept;
}

/** A login of its own for `role` on an external server; the owner under SET ROLE where none can be made. */
async function makeLogin(
  jobs: Isolate<JobsApi>,
  role: OwnLoginRole,
  underOwner: DatabaseAddress,
  log: Log,
): Promise<DatabaseAddress> {
  const login = await jobs.remote.makeLogin(role);
  if (login.ok) return login.address;
  log.warn("The database owner's login serves under SET ROLE, which can be undone", {
    role,
    cause: login.reason,
    hint: "Let the owner create roles, or name logins in the profile, see spgov doctor.",
  });
  return underOwner;
}

function sourceOf(
  { name, remote }:
    | Isolate<EgressApi>
    | Isolate<JobsApi>
    | Isolate<LogsApi>
    | Isolate<TelemetryApi>,
): Source {
  return { name, metrics: () => remote.metrics() };
}

/** Gives a gateway a line to an egress that was started again. */
async function attach(
  gateway: Isolate<GatewayApi>,
  egress: Isolate<EgressApi>,
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await egress.remote.attach(port1, gateway.name);
  await gateway.remote.useEgress(port2);
}

/** Gives the isolate of jobs a line to an egress, for what takes keys. */
async function lineJobs(
  jobs: Isolate<JobsApi>["remote"],
  egress: Isolate<EgressApi>["remote"],
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await egress.attachJobs(port1);
  await jobs.useKeys(port2);
}

async function startGateway(
  permissions: PermissionList,
  egress: Isolate<EgressApi>,
  collect: MetricsHub["collect"],
  options: Omit<GatewayStart, "egress" | "metrics">,
): Promise<Isolate<GatewayApi>> {
  const gateway = spawnIsolate<GatewayApi>("gateway", `gateway-${options.index}`, permissions);
  const { port1, port2 } = new MessageChannel();
  try {
    await egress.remote.attach(port1, gateway.name);
    await gateway.remote.start({ ...options, egress: port2, metrics: serveMetrics(collect) });
    return gateway;
  } catch (error) {
    gateway.terminate();
    throw error;
  }
}

/** Changes come in flocks (an editor writes, renames, writes): wait until it is quiet. */
const QUIET_MS = 150;

/**
 * Puts each valid change of the configuration in force; one that is not valid is reported and left out.
 * Answers the function that ends it.
 */
function follow(
  options: StartOptions,
  log: Log,
  accept: (next: Configuration) => Promise<void>,
): () => void {
  const watcher = Deno.watchFs([options.profilePath, options.services]);
  async function reload(): Promise<void> {
    const loaded = await readConfiguration(options);
    if (!loaded.ok) {
      return log.error("The configuration on disk is not valid; the one before stays in force", {
        problems: describe(loaded),
      });
    }
    await accept(loaded.value);
  }
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let reloading = Promise.resolve();
  void (async () => {
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        reloading = reloading.then(reload).catch((error) =>
          log.error("The configuration cannot be read", { cause: messageOf(error) })
        );
      }, QUIET_MS);
    }
  })();
  return () => {
    clearTimeout(quiet);
    watcher.close();
  };
}

function gatewayCount(wanted: number | "auto"): number {
  return wanted === "auto" ? Math.max(1, Math.floor(navigator.hardwareConcurrency / 2)) : wanted;
}

function urlHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function createCleanup(): Cleanup {
  const stops: (() => Promise<unknown> | void)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    async run() {
      for (let stop = stops.pop(); stop; stop = stops.pop()) await within(STOP_MS, stop);
    },
  };
}

/** Waits for `stop`, but not for ever: one part that hangs must not keep the others from stopping. */
async function within(ms: number, stop: () => Promise<unknown> | void): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  try {
    await Promise.race([Promise.resolve(stop()).catch(() => undefined), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
