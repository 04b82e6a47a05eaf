import { join } from "node:path";
import { AppError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { findText } from "./file_access.ts";
import type { FileOptions, PostgresPrograms } from "./postgres_files.ts";
import { DATABASE } from "./postgres_init.ts";
import { type DatabaseKeys, findKeys } from "./postgres_keys.ts";
import { endOrphans, findPidFile, isServer } from "./postgres_pid.ts";
import type { ServerPlace } from "./postgres_place.ts";
import { type ServerProcess, stopServer, watchServer } from "./postgres_process.ts";
import type { ServerTuning } from "./postgres_settings.ts";
import { pause } from "./process_table.ts";

export interface StartOptions extends FileOptions {
  readonly log: Log;
  readonly tuning?: ServerTuning;
  /** Whether a running server may be stopped when it does not answer. */
  readonly mayReplace: boolean;
}

/** A server that accepts connections. */
export interface RunningServer {
  readonly process: ServerProcess;
  readonly socketDir: string;
  readonly keys: DatabaseKeys;
  readonly adopted: boolean;
}

const ADOPT_MS = 30_000;
const POLL_MS = 10;

/** Waits until the server says in its pid file that it is ready; false when it ended or took too long. */
export async function becomesReady(
  place: ServerPlace,
  server: ServerProcess,
  timeoutMs: number,
  log: Log,
): Promise<boolean> {
  const start = performance.now();
  let sayAfter = 10_000;
  while (server.isAlive() && performance.now() < start + timeoutMs) {
    const file = await findPidFile(place);
    if (file?.pid === server.pid && file.ready) return true;
    if (performance.now() > start + sayAfter) {
      log.info("PostgreSQL is still starting", { seconds: sayAfter / 1000, data: place.data });
      sayAfter += 10_000;
    }
    await pause(POLL_MS);
  }
  return false;
}

async function runsOurPrograms(place: ServerPlace, programs: PostgresPrograms): Promise<boolean> {
  const options = await findText(join(place.data, "postmaster.opts"));
  return options?.startsWith(programs.postgres) ?? false;
}

/**
 * Takes over a server that runs already. One that does not answer, or is of another version, is stopped,
 * unless it is not ours to stop.
 */
export async function adopt(
  place: ServerPlace,
  programs: PostgresPrograms,
  { log, mayReplace }: StartOptions,
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
    await becomesReady(place, process, ADOPT_MS, log) && await answers(file.socketFolder, keys)
  ) {
    log.info("Adopted the running PostgreSQL", { pid: file.pid });
    return { process, socketDir: file.socketFolder, keys, adopted: true };
  }
  if (!mayReplace) {
    throw new AppError("unavailable", `The database of "${place.home}" does not answer`, {
      hint: "It belongs to a running service; see spgov status.",
    });
  }
  log.warn("Stopping a PostgreSQL that cannot be adopted", { pid: file.pid });
  await stopServer(process, "fast");
  await endOrphans(place);
  return undefined;
}

/** Whether the owner can sign in and is answered. */
export async function answers(socketDir: string, keys: DatabaseKeys): Promise<boolean> {
  // Only here: nothing else of this folder needs the driver, and the supervisor is to load no package.
  const { openPool } = await import("../db/mod.ts");
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
    await sql.end({ timeout: 1 });
  }
}
