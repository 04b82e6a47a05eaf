import { AppError } from "../kernel/errors.ts";
import {
  addressesOf,
  type EmbeddedAddresses,
  type EmbeddedOptions,
  inTransition,
  openPlace,
  serviceLock,
  usersLock,
} from "./embedded_home.ts";
import { type FileLock, tryLockFile } from "./file_lock.ts";
import { findKeys } from "./postgres_keys.ts";
import type { RunningServer } from "./postgres_adopt.ts";
import { findPidFile, isServer } from "./postgres_pid.ts";
import { findPlace, removeSocketFolder, type ServerPlace } from "./postgres_place.ts";
import { stopServer } from "./postgres_process.ts";
import { bringUp } from "./postgres_start.ts";

/** A server that somebody runs, or that runs only as long as somebody borrows it. */
export interface BorrowedServer {
  readonly addresses: EmbeddedAddresses;
  /** Gives it back; the last one, where no service runs, stops the server. */
  release(): Promise<void>;
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
    const mayReplace = await isUnused(place);
    const user = await tryLockFile(usersLock(place), { exclusive: false });
    if (user === undefined) throw new AppError("conflict", `"${place.base}" is locked`);
    try {
      const running = await bringUp(place, { ...options, mayReplace });
      let released: Promise<void> | undefined;
      const release = () => inTransition(place, () => giveBack(place, user, running));
      return {
        addresses: addressesOf(running.socketDir, running.keys),
        release: () => released ??= release(),
      };
    } catch (error) {
      user.release();
      throw error;
    }
  });
}

/** Whether neither a service nor a command uses the server. */
async function isUnused(place: ServerPlace): Promise<boolean> {
  const users = await tryLockFile(usersLock(place), { exclusive: true });
  const service = await tryLockFile(serviceLock(place), { exclusive: true });
  users?.release();
  service?.release();
  return users !== undefined && service !== undefined;
}

async function giveBack(
  place: ServerPlace,
  user: FileLock,
  { process, socketDir }: RunningServer,
): Promise<void> {
  user.release();
  if (await isUnused(place)) {
    await stopServer(process, "fast");
    await removeSocketFolder(place, socketDir);
  }
  await process.letGo();
}
