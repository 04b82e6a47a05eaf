import { SERVING_VARIABLES } from "../kernel/self.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "../kernel/database_address.ts";
import { borrowEmbedded, findEmbedded } from "../postgres/mod.ts";
import { listCarriers } from "../kernel/carriers.ts";
import { AppError } from "../kernel/errors.ts";
import { homeAt } from "../kernel/home.ts";
import { createLog } from "../kernel/log.ts";
import type { SelfCommand } from "../kernel/self.ts";
import { findService } from "../kernel/service_file.ts";
import { copyFolder, limitCalls, writeProfile } from "./service_home.ts";

export interface ServiceOptions {
  /** The program: from source, or an executable. */
  readonly self: SelfCommand;
  /** The environment of the service; variables that steer it are taken out first. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the default `services/` tree, copied into the home. */
  readonly services: string;
  /** Default: a temporary folder that is removed at the end. */
  readonly home?: string;
  /** Default: any free port, the same again after a restart. */
  readonly port?: number;
  /** Gateway isolates; default as the product chooses. */
  readonly gateways?: number;
  /** Calls per window and session before the role's multiplier; default as shipped (300). */
  readonly callsPerWindow?: number;
  /** An external server instead of the embedded one. */
  readonly databaseUrl?: string;
  /** Changes the home before the first start, e.g. its `services` folder. */
  readonly prepare?: (home: string) => Promise<void>;
  /** Extra variables for the service. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A service in a process of its own. */
export interface RunningService {
  readonly url: string;
  readonly port: number;
  readonly home: string;
  readonly pid: number;
  /** Milliseconds from spawning the process to `/readyz` answering 200, of the last start. */
  readonly startMs: number;
  /** The database that it uses, as its owner. */
  readonly database: DatabaseAddress;
  /** Everything it printed so far. */
  logs(): string;
  /** Sends a signal and does not wait. */
  kill(signal: Deno.Signal): void;
  /** Resolves with the exit status of the current process. */
  readonly exited: Promise<Deno.CommandStatus>;
  /** Ends the process (`SIGTERM`, or the given signal) and starts it again in the same home and port. */
  restart(signal?: Deno.Signal): Promise<void>;
  /** Ends the service and its database and removes the temporary home. Safe to call twice. */
  stop(): Promise<void>;
}

interface Process {
  readonly child: Deno.ChildProcess;
  readonly port: number;
  readonly url: string;
  readonly startMs: number;
  readonly printed: Promise<unknown>;
}

const READY_MS = 60_000;
const STOP_MS = 20_000;
const LOOK_EVERY_MS = 5;
const MOST_LOG = 4 * 1024 * 1024;

/** Starts a service and waits until it is ready. Throws `unavailable` with its output when it is not. */
export async function launchService(options: ServiceOptions): Promise<RunningService> {
  const home = options.home ?? await makeHome();
  const log = { text: "" };
  try {
    await prepareHome(home, options);
    let process = await spawn(options, home, options.port ?? 0, log);
    let database = await findDatabase(options, home);
    let stopping: Promise<void> | undefined;
    const end = async (signal: Deno.Signal) => {
      await endProcess(process, signal);
      await stopDatabase(options, home);
    };
    return {
      home,
      get url() {
        return process.url;
      },
      get port() {
        return process.port;
      },
      get pid() {
        return process.child.pid;
      },
      get startMs() {
        return process.startMs;
      },
      get database() {
        return database;
      },
      get exited() {
        return process.child.status;
      },
      logs: () => log.text,
      kill: (signal) => tryKill(process.child, signal),
      async restart(signal = "SIGTERM") {
        await endProcess(process, signal);
        process = await spawn(options, home, process.port, log);
        database = await findDatabase(options, home);
      },
      stop: () =>
        stopping ??= end("SIGTERM").finally(() =>
          options.home === undefined ? removeHome(home) : undefined
        ),
    };
  } catch (error) {
    await stopDatabase(options, home).catch(() => undefined);
    if (options.home === undefined) await removeHome(home);
    throw error;
  }
}

/** Open enough for the account that PostgreSQL runs as when we are root. */
async function makeHome(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-service-" });
  await Deno.chmod(folder, 0o755);
  return folder;
}

async function removeHome(home: string): Promise<void> {
  await Deno.remove(home, { recursive: true }).catch(() => undefined);
}

async function prepareHome(home: string, options: ServiceOptions): Promise<void> {
  const services = `${home}/services`;
  const present = await Deno.stat(services).catch(() => undefined);
  if (!present) await copyFolder(options.services, services);
  if (options.callsPerWindow !== undefined) await limitCalls(services, options.callsPerWindow);
  if (!present) await writeProfile(home, { services, gateways: options.gateways });
  await options.prepare?.(home);
}

async function spawn(
  options: ServiceOptions,
  home: string,
  port: number,
  log: { text: string },
): Promise<Process> {
  const start = performance.now();
  const child = new Deno.Command(options.self.command, {
    args: [...options.self.args, "start", "--home", home, "--port", `${port}`],
    clearEnv: true,
    env: environmentOf(options),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const printed = Promise.all([collect(child.stdout, log), collect(child.stderr, log)]);
  try {
    const record = await waitReady(child, home);
    return { child, printed, ...record, startMs: performance.now() - start };
  } catch (error) {
    tryKill(child, "SIGKILL");
    await Promise.all([child.status, printed]);
    throw new AppError("unavailable", `The service did not start\n${log.text.slice(-4000)}`, {
      cause: error,
    });
  }
}

/**
 * Without what would steer the service, and without what it would drop by starting itself once more: the
 * process has to be our child. A small ballast, since many homes come and go.
 */
function environmentOf({ env, databaseUrl, variables }: ServiceOptions): Record<string, string> {
  const carriers = listCarriers(env);
  const kept = Object.entries(env).filter(([name]) =>
    !carriers.includes(name) &&
    !/^(SPGOV_(?!CACHE|POSTGRES_NATIVE|PORTABLE|EXECUTABLE)|DATABASE_URL$)/.test(name)
  );
  return {
    ...SERVING_VARIABLES,
    ...Object.fromEntries(kept),
    SPGOV_BALLAST_MB: "1",
    ...databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl },
    ...variables,
  };
}

async function collect(stream: ReadableStream<Uint8Array>, log: { text: string }): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    log.text = (log.text + decoder.decode(chunk, { stream: true })).slice(-MOST_LOG);
  }
}

async function waitReady(
  child: Deno.ChildProcess,
  home: string,
): Promise<{ readonly port: number; readonly url: string }> {
  let ended = false;
  void child.status.then(() => ended = true);
  for (const end = performance.now() + READY_MS; performance.now() < end && !ended;) {
    const record = await findService(homeAt(home).serviceFile);
    if (record?.pid === child.pid && await isReady(record.url)) return record;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(ended ? "it ended" : `it was not ready within ${READY_MS / 1000} s`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function findDatabase(options: ServiceOptions, home: string): Promise<DatabaseAddress> {
  if (options.databaseUrl !== undefined) return parseDatabaseUrl(options.databaseUrl);
  const found = await findEmbedded(home);
  if (found) return found.owner;
  throw new AppError("unavailable", `No database runs in "${home}"`);
}

async function endProcess({ child, printed }: Process, signal: Deno.Signal): Promise<void> {
  tryKill(child, signal);
  const timer = setTimeout(() => tryKill(child, "SIGKILL"), STOP_MS);
  try {
    await Promise.all([child.status, printed]);
  } finally {
    clearTimeout(timer);
  }
}

/** A killed service leaves its server running, on purpose; the last borrower stops it. */
async function stopDatabase({ databaseUrl }: ServiceOptions, home: string): Promise<void> {
  if (databaseUrl !== undefined || !await findEmbedded(home)) return;
  const log = createLog({ module: "service", level: "error" });
  await (await borrowEmbedded({ home, log })).release();
}

function tryKill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}
