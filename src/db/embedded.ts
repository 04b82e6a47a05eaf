import { join } from "node:path";
import { AppError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { DatabaseAddress } from "./address.ts";
import { keepBallast } from "./ballast.ts";
import { type FileLock, lockFile, tryLockFile } from "./file_lock.ts";
import { DATABASE } from "./postgres_init.ts";
import { type DatabaseKeys, type DatabaseRole, findKeys } from "./postgres_keys.ts";
import { findPlace, makePlace, type ServerPlace } from "./postgres_place.ts";
import {
  findPidFile,
  isServer,
  type ServerExit,
  type StopMode,
  stopServer,
  watchServer,
} from "./postgres_process.ts";
import type { ServerTuning } from "./postgres_settings.ts";
import { bringUp, type RunningServer } from "./postgres_start.ts";

export type { ServerExit, StopMode } from "./postgres_process.ts";
export type { ServerTuning } from "./postgres_settings.ts";

export interface EmbeddedOptions {
  /** The home folder; made when missing. */
  readonly home: string;
  /** Where the programs are unpacked; default `SPGOV_CACHE`, else the user's cache folder. */
  readonly cache?: string;
  readonly log: Log;
  /** A folder with PostgreSQL's `bin`, `lib` and `share`; default `SPGOV_POSTGRES_NATIVE`, else the npm package. */
  readonly binaries?: string;
  readonly tuning?: ServerTuning;
}

/** How to reach the embedded server, by role. */
export interface EmbeddedAddresses {
  /** Superuser: migrations and administration. */
  readonly owner: DatabaseAddress;
  /** What serves: no rights but those that the migrations grant. */
  readonly serve: DatabaseAddress;
  /** The retention job. */
  readonly retention: DatabaseAddress;
  /** Statements that are not ours: may select, nothing else. */
  readonly read: DatabaseAddress;
}

export interface EmbeddedServer {
  readonly addresses: EmbeddedAddresses;
  readonly pid: number;
  readonly dataDir: string;
  readonly logDir: string;
  readonly socketDir: string;
  /** Whether it was already running, left by a service that was killed, or by a command that is just ending. */
  readonly adopted: boolean;
  /** Resolves when the server process ended, wanted or not. Then `stop()`, and start again if it was not. */
  readonly exited: Promise<ServerExit>;
  /** Stops the server and gives up the home. Safe to call twice. */
  stop(mode?: StopMode): Promise<void>;
}

/** A server that somebody runs, or that runs only as long as somebody borrows it. */
export interface BorrowedServer {
  readonly addresses: EmbeddedAddresses;
  /** Gives it back; the last one, where no service runs, stops the server. */
  release(): Promise<void>;
}

const TRANSITION_MS = 120_000;

function addressesOf(socketDir: string, keys: DatabaseKeys): EmbeddedAddresses {
  const of = (user: DatabaseRole): DatabaseAddress => ({
    host: socketDir,
    port: 5432,
    database: DATABASE,
    user,
    password: keys[user],
  });
  return {
    owner: of("spgov_owner"),
    serve: of("spgov_serve"),
    retention: of("spgov_retention"),
    read: of("spgov_read"),
  };
}

const serviceLock = (place: ServerPlace) => join(place.base, "service.lock");
const usersLock = (place: ServerPlace) => join(place.base, "users.lock");

/** Starting and stopping exclude each other, across processes. */
async function inTransition<T>(place: ServerPlace, work: () => Promise<T>): Promise<T> {
  const path = join(place.base, "transition.lock");
  const lock = await lockFile(path, { exclusive: true, timeoutMs: TRANSITION_MS });
  if (lock === undefined) {
    throw new AppError("conflict", `Another process is starting or stopping "${place.data}"`);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function openPlace(home: string): Promise<ServerPlace> {
  try {
    await Deno.mkdir(home, { recursive: true });
    const place = await findPlace(home);
    await makePlace(place);
    return place;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    throw new AppError("forbidden", `The home folder "${home}" cannot be used by this user`, {
      cause,
      hint: "Run as the user that started the service first, or choose another --home.",
    });
  }
}

async function takeService(place: ServerPlace): Promise<FileLock> {
  const lock = await tryLockFile(serviceLock(place), { exclusive: true });
  if (lock !== undefined) return lock;
  throw new AppError("conflict", `Another process runs the database of "${place.home}"`, {
    hint: "Stop it first (spgov stop), or choose another --home.",
  });
}

/**
 * Starts the embedded PostgreSQL of a home and keeps the home for this process, making the database at
 * the first start. What a `kill -9` left is cleared without help: a server that still runs (it outlives a
 * killed service on purpose, nothing committed is lost) is adopted, stale pid and socket files are removed.
 *
 * Throws `AppError`: `conflict` when another process has the home, `forbidden` when the folders belong to
 * another user, `unavailable` when the server does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const place = await openPlace(options.home);
  const service = await takeService(place);
  try {
    const running = await inTransition(place, () => bringUp(place, options));
    await keepBallast(place.ballast, options.log);
    return serverOf(place, running, service);
  } catch (error) {
    service.release();
    throw error;
  }
}

function serverOf(place: ServerPlace, running: RunningServer, service: FileLock): EmbeddedServer {
  const { process, socketDir, keys } = running;
  let stopping: Promise<void> | undefined;
  async function end(mode: StopMode): Promise<void> {
    try {
      await inTransition(place, () => stopServer(process, mode));
      await process.exited;
    } finally {
      service.release();
    }
  }
  return {
    addresses: addressesOf(socketDir, keys),
    pid: process.pid,
    dataDir: place.data,
    logDir: place.log,
    socketDir,
    adopted: running.adopted,
    exited: process.exited,
    stop: (mode = "fast") => stopping ??= end(mode),
  };
}

/**
 * The running server of a home; undefined when none runs (or none of ours: a pid in a stale file does
 * not count). Looks at files only and changes nothing.
 */
export async function findEmbedded(home: string): Promise<EmbeddedAddresses | undefined> {
  const place = await findPlace(home);
  const file = await findPidFile(place);
  if (!file?.ready || !await isServer(file.pid, place)) return undefined;
  const keys = await findKeys(place.home);
  return keys === undefined ? undefined : addressesOf(file.socketFolder, keys);
}

/**
 * The server of a home for the length of a command: the running one, else one started for it. Any number
 * of commands may borrow at once; the last to release stops what no service has taken over.
 */
export async function borrowEmbedded(options: EmbeddedOptions): Promise<BorrowedServer> {
  const place = await openPlace(options.home);
  return await inTransition(place, async () => {
    const user = await tryLockFile(usersLock(place), { exclusive: false });
    if (user === undefined) throw new AppError("conflict", `"${place.base}" is locked`);
    try {
      const { process, socketDir, keys } = await bringUp(place, options);
      let released: Promise<void> | undefined;
      const release = () => inTransition(place, () => giveBack(place, user, process.pid));
      return {
        addresses: addressesOf(socketDir, keys),
        release: () => released ??= release(),
      };
    } catch (error) {
      user.release();
      throw error;
    }
  });
}

async function giveBack(place: ServerPlace, user: FileLock, pid: number): Promise<void> {
  user.release();
  const alone = await tryLockFile(usersLock(place), { exclusive: true });
  const service = await tryLockFile(serviceLock(place), { exclusive: true });
  try {
    if (alone && service && await isServer(pid, place)) {
      await stopServer(watchServer(pid), "fast");
    }
  } finally {
    service?.release();
    alone?.release();
  }
}
