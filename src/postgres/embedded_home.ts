import { join } from "node:path";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { lockFile } from "./file_lock.ts";
import { DATABASE } from "./postgres_init.ts";
import type { DatabaseKeys, DatabaseRole } from "./postgres_keys.ts";
import { findPlace, makePlace, type ServerPlace } from "./postgres_place.ts";
import type { ServerTuning } from "./postgres_settings.ts";

/** Which home, and how its server is to be. */
export interface EmbeddedOptions {
  /** The home folder; made when missing. */
  readonly home: string;
  /** Where the programs are unpacked; default `SPGOV_CACHE`, else the user's cache folder. */
  readonly cache?: string;
  readonly log: Log;
  /** A folder with PostgreSQL's `bin`, `lib` and `share`; default `SPGOV_POSTGRES_NATIVE`, else the npm package. */
  readonly binaries?: string;
  readonly tuning?: ServerTuning;
  /** Size of the ballast file; default `SPGOV_BALLAST_MB`, else 256. */
  readonly ballastMb?: number;
}

/** How to reach the embedded server, by role. */
export interface EmbeddedAddresses {
  /** Superuser: migrations and administration. */
  readonly owner: DatabaseAddress;
  /** What serves: no rights but those that the migrations grant. */
  readonly serve: DatabaseAddress;
  /** What opens secrets: may read what is sealed. */
  readonly vault: DatabaseAddress;
  /** What keeps log lines and sends them on. */
  readonly logs: DatabaseAddress;
  /** The retention job. */
  readonly retention: DatabaseAddress;
  /** Statements that are not ours: may select, nothing else. */
  readonly read: DatabaseAddress;
}

const TRANSITION_MS = 120_000;

/** The addresses of the server behind a socket. */
export function addressesOf(socketDir: string, keys: DatabaseKeys): EmbeddedAddresses {
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
    vault: of("spgov_vault"),
    logs: of("spgov_logs"),
    retention: of("spgov_retention"),
    read: of("spgov_read"),
  };
}

/** Held by the service that runs the server. */
export function serviceLock(place: ServerPlace): string {
  return join(place.base, "service.lock");
}

/** Held together by the commands that borrow the server. */
export function usersLock(place: ServerPlace): string {
  return join(place.base, "users.lock");
}

/** Starting and stopping exclude each other, across processes. */
export async function inTransition<T>(place: ServerPlace, work: () => Promise<T>): Promise<T> {
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

/** The folders of a home, made when missing. */
export async function openPlace(home: string): Promise<ServerPlace> {
  try {
    await Deno.mkdir(home, { recursive: true });
    const place = await findPlace(home);
    await makePlace(place);
    return place;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const denied = cause instanceof Deno.errors.PermissionDenied;
    throw new AppError(
      denied ? "forbidden" : "unavailable",
      `The home folder "${home}" cannot be used: ${messageOf(cause)}`,
      {
        cause,
        hint: "Run as the user that started the service first, or choose another --home.",
      },
    );
  }
}
