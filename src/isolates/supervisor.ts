import type { Configuration } from "../config/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { ensureInstance, homeAt, shortInstance } from "../kernel/home.ts";
import { createLog, type Log } from "../kernel/log.ts";
import { ensureMasterKey } from "../vault/mod.ts";
import { type Database, findDatabase, openDatabase } from "./database.ts";
import { createFleet, type Fleet } from "./fleet.ts";
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
} from "./protocol.ts";
import { type Isolate, spawnIsolate } from "./spawn.ts";

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
  /** Resolves with what went wrong when the service cannot go on. */
  readonly failed: Promise<string>;
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
  const reader = await startReader(options, cleanup);
  const configuration = orThrow(await reader.remote.load());
  const { server, log: { level } } = configuration.profile;
  const log = createLog({ module: "supervisor", level });
  const port = findFreePort(server.address, options.port ?? server.port);
  const who = { instance: await prepareHome(options.home), logLevel: level };

  progress("Starting PostgreSQL");
  const database = await openDatabase({
    home: options.home,
    url: options.databaseUrl ?? configuration.profile.database.url,
    servingUrl: configuration.profile.database.serving_url,
    log,
  });
  cleanup.add(() => database.stop());
  const permissions = computePermissions(configuration, {
    ...options,
    database: database.serve,
    address: server.address,
    port,
  });

  progress("Bringing the database up to date");
  const jobs = spawn<JobsApi>("jobs", permissions, cleanup);
  const egress = spawn<EgressApi>("egress", permissions, cleanup);
  const [{ applied }, { fingerprintKey }] = await Promise.all([
    jobs.remote.prepare({ ...who, database: database.owner }),
    egress.remote.start({ ...who, home: options.home, database: database.serve }),
  ]);
  await egress.remote.startSealing();

  progress("Opening the gateways");
  let current = configuration;
  const fleet = createFleet((index) =>
    startGateway(permissions.gateway, egress, {
      ...who,
      index,
      database: database.serve,
      configuration: current,
      address: server.address,
      port,
      fingerprintKey,
    }), log);
  cleanup.add(() => fleet.stop());
  const gateways = gatewayCount(server.gateways);
  await fleet.start(gateways);
  await jobs.remote.run();
  void follow(reader, log, fleet, (next) => current = next);

  return {
    url: `http://${urlHost(server.address)}:${port}`,
    port,
    revision: () => current.revision,
    applied,
    database: database.kind,
    gateways,
    gatewayStats: () => fleet.stats(),
    failed: Promise.race([jobs, egress].map(async (isolate) => {
      return `Isolate ${isolate.name} ended: ${await isolate.crashed}`;
    })),
    stop: () => cleanup.run(),
  };
}

/** The permission lists that a start with these options computes, without starting anything. */
export async function listPermissions(
  options: StartOptions,
): Promise<Readonly<Record<IsolateName, PermissionList>>> {
  const cleanup = createCleanup();
  try {
    const reader = await startReader(options, cleanup);
    const { profile, ...rest } = orThrow(await reader.remote.load());
    const database = await findDatabase({
      home: options.home,
      url: options.databaseUrl ?? profile.database.url,
      servingUrl: profile.database.serving_url,
    });
    const { address, port } = profile.server;
    return computePermissions({ profile, ...rest }, {
      ...options,
      database: database.serve,
      address,
      port: options.port ?? port,
    });
  } finally {
    await cleanup.run();
  }
}

async function startReader(
  options: StartOptions,
  cleanup: Cleanup,
): Promise<Isolate<ConfigurationApi>> {
  const list = configurationPermissions(options);
  const reader = spawnIsolate<ConfigurationApi>("configuration", "configuration", list);
  cleanup.add(() => reader.terminate());
  await reader.remote.init({ profilePath: options.profilePath, services: options.services });
  return reader;
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

async function prepareHome(path: string): Promise<string> {
  const home = homeAt(path);
  const instance = await ensureInstance(path);
  for (const folder of [home.keys, home.seals]) {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  }
  // Made here, once, since egress may read the key's file and write none.
  const { key } = await ensureMasterKey({ home: path, env: Deno.env.toObject() });
  key.wipe();
  return shortInstance(instance);
}

function spawn<Api extends { stop(): Promise<void> }>(
  kind: IsolateName,
  permissions: Readonly<Record<IsolateName, PermissionList>>,
  cleanup: Cleanup,
): Isolate<Api> {
  const isolate = spawnIsolate<Api>(kind, kind, permissions[kind]);
  cleanup.add(async () => {
    await isolate.remote.stop().catch(() => undefined);
    isolate.terminate();
  });
  return isolate;
}

async function startGateway(
  permissions: PermissionList,
  egress: Isolate<EgressApi>,
  options: Omit<GatewayStart, "egress">,
): Promise<Isolate<GatewayApi>> {
  const gateway = spawnIsolate<GatewayApi>("gateway", `gateway-${options.index}`, permissions);
  const { port1, port2 } = new MessageChannel();
  try {
    await egress.remote.attach(port1);
    await gateway.remote.start({ ...options, egress: port2 });
    return gateway;
  } catch (error) {
    gateway.terminate();
    throw error;
  }
}

/** Puts each valid change of the configuration in force; a change that is not valid is reported and left out. */
async function follow(
  reader: Isolate<ConfigurationApi>,
  log: Log,
  fleet: Fleet,
  accept: (next: Configuration) => void,
): Promise<void> {
  try {
    for (;;) {
      const loaded = await reader.remote.next();
      if (!loaded.ok) {
        log.error("The configuration on disk is not valid; the one before stays in force", {
          problems: describe(loaded),
        });
        continue;
      }
      accept(loaded.value);
      fleet.reload(loaded.value);
    }
  } catch (error) {
    log.debug("The configuration is not followed any more", { cause: messageOf(error) });
  }
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
