import { AppError } from "../kernel/errors.ts";
import { keepBallast } from "./ballast.ts";
import {
  addressesOf,
  type EmbeddedAddresses,
  type EmbeddedOptions,
  inTransition,
  openPlace,
  serviceLock,
} from "./embedded_home.ts";
import { type FileLock, lockFile } from "./file_lock.ts";
import { removeSocketFolder, type ServerPlace } from "./postgres_place.ts";
import { type ServerExit, type StopMode, stopServer } from "./postgres_process.ts";
import type { RunningServer } from "./postgres_adopt.ts";
import { bringUp } from "./postgres_start.ts";

/** A running embedded server that is ours to stop. */
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

async function takeService(place: ServerPlace): Promise<FileLock> {
  // Not at once: a command that looks whether there is a service holds the lock for a moment.
  const lock = await lockFile(serviceLock(place), { exclusive: true, timeoutMs: 300 });
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
    const running = await inTransition(
      place,
      () => bringUp(place, { ...options, mayReplace: true }),
    );
    await keepBallast(place.ballast, options.log, options.ballastMb);
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
      await process.exited();
      await removeSocketFolder(place, socketDir);
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
    exited: process.exited(),
    stop: (mode = "fast") => stopping ??= end(mode),
  };
}
