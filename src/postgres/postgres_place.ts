import { createHash } from "node:crypto";
import { isAbsolute, join, resolve } from "node:path";
import { AppError } from "../kernel/errors.ts";
import {
  type Account,
  findInfo,
  findText,
  isReachable,
  makeFolder,
  NOBODY,
  writeWhole,
} from "./file_access.ts";

/** The folders of one embedded server. */
export interface ServerPlace {
  readonly home: string;
  /** Holds everything below; on the data volume. */
  readonly base: string;
  readonly data: string;
  readonly log: string;
  readonly ballast: string;
  /** Whom the server runs as; undefined when that is ourselves. */
  readonly account?: Account;
}

/** `<home>/postgres.json`: where the data is, written when it has been made. */
interface PlaceRecord {
  readonly base: string;
}

const RECORD = "postgres.json";
const FAR_BASE = "/var/lib/spgov";

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function findRecord(home: string): Promise<PlaceRecord | undefined> {
  const text = await findText(join(home, RECORD));
  return text === undefined ? undefined : JSON.parse(text) as PlaceRecord;
}

async function recordedBase(home: string): Promise<string | undefined> {
  const record = await findRecord(home);
  if (record === undefined) return undefined;
  const base = isAbsolute(record.base) ? record.base : join(home, record.base);
  if (await findInfo(base) !== undefined) return base;
  throw new AppError("invalid", `The database folder "${base}" of "${home}" is gone`, {
    hint: `Restore it, or remove "${join(home, RECORD)}" to begin with an empty database.`,
  });
}

/** Root's server runs as whoever owns the data, so that a home made by a user stays usable for that user. */
async function accountFor(base: string): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const info = await findInfo(join(base, "data")) ?? await findInfo(base);
  const { uid, gid } = info ?? {};
  return uid && gid !== undefined && gid !== null ? { uid, gid } : NOBODY;
}

/**
 * The folders of the server of `home`: `<home>/postgres`, or `/var/lib/spgov/<hash of home>` when we are root
 * and the server's account cannot get into the home. Changes nothing; the recorded choice is kept.
 */
export async function findPlace(home: string): Promise<ServerPlace> {
  const full = await Deno.realPath(home).catch(() => resolve(home));
  const near = join(full, "postgres");
  const isNear = Deno.uid() !== 0 || await isReachable(full, NOBODY);
  const base = await recordedBase(full) ?? (isNear ? near : join(FAR_BASE, shortHash(full)));
  const account = await accountFor(base);
  return {
    home: full,
    base,
    data: join(base, "data"),
    log: join(base, "log"),
    ballast: join(base, "ballast"),
    ...(account === undefined ? {} : { account }),
  };
}

/** Files that only serve to be locked, see `embedded.ts`. */
export const LOCKS = ["transition.lock", "service.lock", "users.lock"] as const;

/** Makes the folders, and the lock files: the first user of a home may be root, the next one not. */
export async function makePlace(place: ServerPlace): Promise<void> {
  await makeFolder(place.base, 0o700, place.account);
  await makeFolder(place.log, 0o700, place.account);
  for (const name of LOCKS) {
    const path = join(place.base, name);
    if (await findInfo(path) !== undefined) continue;
    (await Deno.open(path, { write: true, create: true, mode: 0o600 })).close();
    if (place.account) await Deno.chown(path, place.account.uid, place.account.gid);
  }
}

/** Keeps the choice, so that a home whose mode changes does not lose sight of its data. */
export async function recordPlace(place: ServerPlace): Promise<void> {
  if (await findRecord(place.home) !== undefined) return;
  const near = place.base === join(place.home, "postgres");
  const record: PlaceRecord = { base: near ? "postgres" : place.base };
  await writeWhole(join(place.home, RECORD), JSON.stringify(record, null, 2) + "\n", 0o644);
}

const SOCKET_FILE = "/.s.PGSQL.5432";
const LONGEST = Deno.build.os === "darwin" ? 103 : 107;

/** Where the socket of this server may be. */
export function socketFolders(place: ServerPlace): string[] {
  const uid = place.account?.uid ?? Deno.uid();
  const name = `spgov-${uid}-${shortHash(place.base)}`;
  const folders = [join(place.base, "run")];
  // More than one, since anybody may take a name in /tmp before us.
  for (let n = 0; n < 8; n++) folders.push(n === 0 ? `/tmp/${name}` : `/tmp/${name}-${n}`);
  return folders.filter((path) => new TextEncoder().encode(path + SOCKET_FILE).length <= LONGEST);
}

/** Makes the folder or accepts it as it is: only when it is a real folder, the server's own, and closed to others. */
async function claimFolder(path: string, account: Account | undefined): Promise<boolean> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
    if (account !== undefined) await Deno.chown(path, account.uid, account.gid);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) return false;
  }
  const info = await findInfo(path);
  if (!info?.isDirectory || ((info.mode ?? 0o777) & 0o077) !== 0) return false;
  if (info.uid === (account?.uid ?? Deno.uid())) return true;
  // Left by a start that was killed between making it and handing it over.
  if (info.uid !== 0 || Deno.uid() !== 0 || account === undefined) return false;
  await Deno.chown(path, account.uid, account.gid);
  return true;
}

/** Removes a socket folder outside the base, when its server has ended. */
export async function removeSocketFolder(place: ServerPlace, folder: string): Promise<void> {
  if (folder.startsWith(place.base)) return;
  // What is in it would be somebody else's; then it stays.
  await Deno.remove(folder).catch(() => {});
}

/** A folder for the socket whose path is short enough. Throws `AppError("unavailable")` when none is to be had. */
export async function makeSocketFolder(place: ServerPlace): Promise<string> {
  const folders = socketFolders(place);
  for (const folder of folders) {
    if (await claimFolder(folder, place.account)) return folder;
  }
  throw new AppError("unavailable", `No folder for the database's socket: tried ${folders}`, {
    hint: "Each belongs to another user or is open to others; remove one of them.",
  });
}
