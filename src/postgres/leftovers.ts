import { join } from "node:path";
import { findInfo } from "./file_access.ts";
import { inTransition } from "./embedded_home.ts";
import { PLATFORM, POSTGRES_PACKAGE_VERSION } from "./postgres_package.ts";
import { clearSocket, findPidFile, isServer } from "./postgres_pid.ts";
import { findPlace, type ServerPlace, socketFolders } from "./postgres_place.ts";

/** The folder in the cache that this version unpacks the server's programs into. */
export const PROGRAM_FOLDER = `postgres-${POSTGRES_PACKAGE_VERSION}-${PLATFORM}`;

/** Sockets of this home's embedded server that a killed server left. Changes nothing. */
export async function findStaleSockets(home: string): Promise<readonly string[]> {
  return await staleSockets(await findPlace(home));
}

/** Removes them, unless a server has come up in the meantime. Returns what was removed. */
export async function removeStaleSockets(home: string): Promise<readonly string[]> {
  const place = await findPlace(home);
  if (await findInfo(place.base) === undefined) return [];
  return await inTransition(place, async () => {
    const stale = await staleSockets(place);
    for (const path of stale) await clearSocket(path.slice(0, path.lastIndexOf("/")));
    return stale;
  });
}

async function staleSockets(place: ServerPlace): Promise<readonly string[]> {
  const file = await findPidFile(place);
  if (file && await isServer(file.pid, place)) return [];
  const paths = socketFolders(place).map((folder) => join(folder, ".s.PGSQL.5432"));
  const found = await Promise.all(paths.map((path) => findInfo(path)));
  return paths.filter((_path, i) => found[i] !== undefined);
}
