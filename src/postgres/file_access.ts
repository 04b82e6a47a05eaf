import { dirname, join } from "node:path";

/** The account that PostgreSQL runs as when we are root, which it refuses to be. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody`, who owns nothing else. */
export const NOBODY: Account = { uid: 65534, gid: 65534 };

export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/** Information about the path itself, links not followed; undefined when there is nothing. */
export async function findInfo(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The text of a file; undefined when it does not exist. */
export async function findText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Makes the folder with all above it and hands it to the account. */
export async function makeFolder(path: string, mode: number, owner?: Account): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  await Deno.chmod(path, mode);
  if (owner !== undefined) await Deno.chown(path, owner.uid, owner.gid);
}

/** Writes a file so that a reader, or a crash, sees the old text or the new one, nothing between. */
export async function writeWhole(
  path: string,
  text: string,
  mode: number,
  owner?: Account,
): Promise<void> {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    using file = await Deno.open(draft, { write: true, createNew: true, mode });
    await writeAll(file, new TextEncoder().encode(text));
    await file.sync();
    if (owner !== undefined) await Deno.chown(draft, owner.uid, owner.gid);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** A rename is only durable when the folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await Deno.open(path, { read: true });
  try {
    await folder.sync();
  } finally {
    folder.close();
  }
}

function maySearch(info: Deno.FileInfo, account: Account): boolean {
  const mode = info.mode ?? 0;
  if (info.uid === account.uid) return (mode & 0o100) !== 0;
  if (info.gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether the account can pass through every existing folder down to `path`. */
export async function isReachable(path: string, account: Account): Promise<boolean> {
  for (let at = path;; at = dirname(at)) {
    const info = await Deno.stat(at).catch((error) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (info !== undefined && !maySearch(info, account)) return false;
    if (dirname(at) === at) return true;
  }
}

/** Every path below a folder, folders before their content. */
export async function* walk(folder: string, below = ""): AsyncGenerator<[string, Deno.DirEntry]> {
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = join(below, entry.name);
    yield [path, entry];
    if (entry.isDirectory) yield* walk(folder, path);
  }
}
