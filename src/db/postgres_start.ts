import { join } from "node:path";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { findText, makeFolder } from "./file_access.ts";
import { openPool } from "./pool.ts";
import { type FileOptions, type PostgresPrograms, preparePrograms } from "./postgres_files.ts";
import { DATABASE, hasData, makeData, renewKeys } from "./postgres_init.ts";
import { type DatabaseKeys, findKeys } from "./postgres_keys.ts";
import { makeSocketFolder, recordPlace, type ServerPlace } from "./postgres_place.ts";
import {
  clearPidFile,
  clearSocket,
  endOrphans,
  findPidFile,
  isServer,
  pause,
  type ServerProcess,
  spawnServer,
  stopServer,
  watchServer,
} from "./postgres_process.ts";
import { type ServerTuning, settingsText } from "./postgres_settings.ts";

export interface StartOptions extends FileOptions {
  readonly log: Log;
  readonly tuning?: ServerTuning;
}

/** A server that accepts connections. */
export interface RunningServer {
  readonly process: ServerProcess;
  readonly socketDir: string;
  readonly keys: DatabaseKeys;
  readonly adopted: boolean;
}

/** Recovery after a crash may take this long; longer means that somebody has to look. */
const READY_MS = 300_000;
const ADOPT_MS = 30_000;
const POLL_MS = 10;

async function writeSettings(place: ServerPlace, tuning: ServerTuning): Promise<void> {
  const path = join(place.data, "spgov.conf");
  await Deno.writeTextFile(path, settingsText(place.log, tuning), { mode: 0o600 });
  if (place.account) await Deno.chown(path, place.account.uid, place.account.gid);
}

/** Waits until the server says in its pid file that it is ready; false when it ended or took too long. */
async function becomesReady(
  place: ServerPlace,
  server: ServerProcess,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (server.isAlive() && performance.now() < deadline) {
    const file = await findPidFile(place);
    if (file?.pid === server.pid && file.ready) return true;
    await pause(POLL_MS);
  }
  return false;
}

async function lastLogLines(place: ServerPlace): Promise<string> {
  let newest = { path: "", at: 0 };
  for await (const { name } of Deno.readDir(place.log)) {
    const path = join(place.log, name);
    const at = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    if (at >= newest.at) newest = { path, at };
  }
  const text = newest.path === "" ? "" : await findText(newest.path) ?? "";
  return text.trimEnd().split("\n").slice(-5).join("\n");
}

async function startProcess(
  place: ServerPlace,
  programs: PostgresPrograms,
  tuning: ServerTuning,
): Promise<{ process: ServerProcess; socketDir: string }> {
  await makeFolder(place.log, 0o700, place.account);
  await writeSettings(place, tuning);
  const socketDir = await makeSocketFolder(place);
  await clearPidFile(place);
  await clearSocket(socketDir);
  const process = spawnServer(place, programs, socketDir);
  if (await becomesReady(place, process, READY_MS)) return { process, socketDir };
  await stopServer(process, "immediate");
  const { output } = await process.exited;
  throw new AppError(
    "unavailable",
    `PostgreSQL did not start: ${output || await lastLogLines(place)}`,
    { hint: `Its log is in "${place.log}".` },
  );
}

async function runsOurPrograms(place: ServerPlace, programs: PostgresPrograms): Promise<boolean> {
  const options = await findText(join(place.data, "postmaster.opts"));
  return options?.startsWith(programs.postgres) ?? false;
}

/** Takes over a server that runs already; one that does not answer, or is of another version, is stopped. */
async function adopt(
  place: ServerPlace,
  programs: PostgresPrograms,
  log: Log,
): Promise<RunningServer | undefined> {
  const file = await findPidFile(place);
  if (file === undefined) return undefined;
  if (!await isServer(file.pid, place)) {
    await endOrphans(place);
    return undefined;
  }
  const process = watchServer(file.pid);
  const keys = await findKeys(place.home);
  if (
    keys !== undefined && await runsOurPrograms(place, programs) &&
    await becomesReady(place, process, ADOPT_MS) && await answers(file.socketFolder, keys)
  ) {
    log.info("Adopted the running PostgreSQL", { pid: file.pid });
    return { process, socketDir: file.socketFolder, keys, adopted: true };
  }
  log.warn("Stopping a PostgreSQL that cannot be adopted", { pid: file.pid });
  await stopServer(process, "fast");
  await endOrphans(place);
  return undefined;
}

/** Whether the owner can sign in and is answered. */
async function answers(socketDir: string, keys: DatabaseKeys): Promise<boolean> {
  const sql = openPool({
    host: socketDir,
    port: 5432,
    database: DATABASE,
    user: "spgov_owner",
    password: keys.spgov_owner,
  }, {
    max: 1,
    applicationName: "spgov start",
    connectTimeoutSeconds: 5,
    statementTimeoutMs: 5000,
  });
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(new Error("no answer")), 6000);
  try {
    await Promise.race([sql`select 1`, deadline.promise]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    await sql.end({ timeout: 0 });
  }
}

async function startFresh(
  place: ServerPlace,
  programs: PostgresPrograms,
  options: StartOptions,
): Promise<RunningServer> {
  if (!await hasData(place)) {
    options.log.info("Making the database", { data: place.data });
    await makeData(place, programs);
  }
  await checkVersion(place);
  await recordPlace(place);
  await clearPidFile(place);
  const keys = await findKeys(place.home) ?? await renewKeys(place, programs);
  const started = await startProcess(place, programs, options.tuning ?? {});
  if (await answers(started.socketDir, keys)) return { ...started, keys, adopted: false };
  // The key file is not of this database: a restored backup of one of the two.
  options.log.warn("The database's passwords do not fit; renewing them", { home: place.home });
  await stopServer(started.process, "fast");
  const renewed = await renewKeys(place, programs);
  const again = await startProcess(place, programs, options.tuning ?? {});
  if (await answers(again.socketDir, renewed)) return { ...again, keys: renewed, adopted: false };
  await stopServer(again.process, "fast");
  throw new AppError("unavailable", "PostgreSQL started but does not answer");
}

async function checkVersion(place: ServerPlace): Promise<void> {
  const version = (await findText(join(place.data, "PG_VERSION")))?.trim();
  if (version === "18") return;
  throw new AppError("invalid", `"${place.data}" is a database of PostgreSQL ${version}, not 18`, {
    hint: "Export it with the version of spgov that made it.",
  });
}

/** Makes, adopts or starts the server. Only one process may do this at a time. */
export async function bringUp(place: ServerPlace, options: StartOptions): Promise<RunningServer> {
  const programs = await preparePrograms(options);
  try {
    return await adopt(place, programs, options.log) ?? await startFresh(place, programs, options);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", `PostgreSQL could not be started: ${messageOf(cause)}`, {
      cause,
    });
  }
}
