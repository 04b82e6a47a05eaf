import { basename, dirname, join } from "node:path";
import { assetPath } from "../kernel/assets.ts";
import { buildForm } from "../kernel/build_info.ts";
import { AppError } from "../kernel/errors.ts";
import { findInfo, findText, isReachable, makeFolder, NOBODY, walk } from "./file_access.ts";
import { fetchPackage, PLATFORM, POSTGRES_PACKAGE_VERSION } from "./postgres_package.ts";

/** Where the server's programs are, ready to run by the account that runs them. */
export interface PostgresPrograms {
  /** Folder with `bin`, `lib` and `share`. */
  readonly root: string;
  readonly postgres: string;
  readonly initdb: string;
}

export interface FileOptions {
  /**
   * A folder laid out like the package's `native`; default `SPGOV_POSTGRES_NATIVE`, else what the
   * executable carries, in source the npm package.
   */
  readonly binaries?: string;
  /** Where it is unpacked, once per version; default `SPGOV_CACHE`, else the user's cache folder. */
  readonly cache?: string;
}

const MANIFEST = "files.json";
/** Only needed to build software against PostgreSQL; and the list of an unpacked folder, which gets its own. */
const LEFT_OUT = /(^(lib\/pkgconfig|include)(\/|$))|\.a$|^files\.json$/;
/** Where an executable carries the files, unpacked as `unpackInto` does it. */
const SHIPPED = "postgres";
/** The mark of a portable executable that is unpacked in full. */
const COMPLETE = "complete";

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The folder that somebody asked for instead of what we would take. */
function givenFolder(options: FileOptions): string | undefined {
  return options.binaries ?? (Deno.env.get("SPGOV_POSTGRES_NATIVE") || undefined);
}

/** The folder that the native files come from. The only place that knows the ways they can arrive. */
async function nativeFolder(options: FileOptions): Promise<string> {
  const given = givenFolder(options);
  if (given !== undefined) return given;
  return buildForm() === "source" ? await fetchPackage() : assetPath(SHIPPED);
}

/** The portable executable's own files, which need no second copy where the server's account can read them. */
async function findReady(options: FileOptions): Promise<string | undefined> {
  if (buildForm() !== "portable" || givenFolder(options) !== undefined) return undefined;
  const shipped = assetPath(SHIPPED);
  if (!await isWhole(shipped)) {
    await Deno.remove(assetPath(COMPLETE)).catch(() => {});
    throw new AppError("unavailable", `Files are missing in "${shipped}"`, {
      hint: "Run the command again: without its mark the executable unpacks itself anew.",
    });
  }
  return Deno.uid() !== 0 || await isReachable(shipped, NOBODY) ? shipped : undefined;
}

function defaultCache(): string {
  const chosen = Deno.env.get("SPGOV_CACHE");
  if (chosen) return chosen;
  if (Deno.uid() === 0) return "/var/cache/spgov";
  const folder = Deno.env.get("XDG_CACHE_HOME");
  if (folder) return join(folder, "spgov");
  const home = Deno.env.get("HOME");
  return home ? join(home, ".cache", "spgov") : `/tmp/spgov-cache-${Deno.uid()}`;
}

/** The cache folder: the chosen one, unless we are root and the server's account could not get there. */
async function cacheFolder(options: FileOptions): Promise<string> {
  const chosen = options.cache ?? defaultCache();
  if (Deno.uid() !== 0 || await isReachable(chosen, NOBODY)) return chosen;
  return "/var/cache/spgov";
}

async function copyFile(from: string, to: string): Promise<number> {
  const bytes = await Deno.readFile(from);
  const isProgram = /(^|\/)bin\/[^/]+$|\.(so|dylib)(\.|$)/.test(to);
  await Deno.writeFile(to, bytes, { createNew: true });
  await Deno.chmod(to, isProgram ? 0o755 : 0o644);
  return bytes.length;
}

/** The package cannot hold symbolic links; it lists them. */
async function applyLinks(root: string): Promise<void> {
  const links = JSON.parse(await findText(join(root, "pg-symlinks.json")) ?? "[]") as Link[];
  for (const { source, target } of links) {
    const from = source.replace(/^native\//, "");
    const to = target.replace(/^native\//, "");
    if (dirname(from) !== dirname(to) || to.includes("..")) {
      throw new AppError("invalid", `The PostgreSQL package links "${to}" to "${from}"`);
    }
    if (await findInfo(join(root, to)) === undefined) {
      await Deno.symlink(basename(from), join(root, to));
    }
  }
}

async function unpackInto(root: string, native: string): Promise<void> {
  const sizes: Record<string, number> = {};
  await makeFolder(root, 0o755);
  for await (const [path, entry] of walk(native)) {
    if (LEFT_OUT.test(path) || entry.isSymlink) continue;
    if (entry.isDirectory) await makeFolder(join(root, path), 0o755);
    else sizes[path] = await copyFile(join(native, path), join(root, path));
  }
  await applyLinks(root);
  await Deno.writeTextFile(join(root, MANIFEST), JSON.stringify(sizes));
}

/** Whether the folder is ours and every file is there in full: a power cut or a cleaner may have bitten. */
async function isWhole(root: string): Promise<boolean> {
  const info = await findInfo(root);
  const manifest = await findText(join(root, MANIFEST)).catch(() => undefined);
  if (!info?.isDirectory || manifest === undefined) return false;
  if (info.uid !== 0 && info.uid !== Deno.uid()) {
    throw new AppError("forbidden", `"${root}" belongs to another user`, {
      hint: "Choose another cache folder by SPGOV_CACHE.",
    });
  }
  try {
    const sizes = Object.entries(JSON.parse(manifest) as Record<string, number>);
    const found = await Promise.all(sizes.map(([path]) => findInfo(join(root, path))));
    return sizes.every(([, size], index) => found[index]?.size === size);
  } catch {
    return false;
  }
}

async function unpack(root: string, native: string): Promise<void> {
  const draft = `${root}.new-${crypto.randomUUID()}`;
  try {
    await unpackInto(draft, native);
    if (await findInfo(root) !== undefined && !await isWhole(root)) {
      await Deno.rename(root, `${draft}.old`);
    }
    await Deno.rename(draft, root).catch(async (error) => {
      // Another process was faster: fine, if what it left is whole.
      if (!await isWhole(root)) throw error;
    });
  } finally {
    for (const path of [draft, `${draft}.old`]) {
      await Deno.remove(path, { recursive: true }).catch(() => {});
    }
  }
}

/**
 * The programs of the embedded PostgreSQL, unpacked into the cache folder when they are not there yet.
 * Several processes may call this at once. Throws `AppError("unavailable")` when the files cannot be had.
 */
export async function preparePrograms(options: FileOptions): Promise<PostgresPrograms> {
  const root = await findReady(options) ?? await prepareCopy(options);
  return { root, postgres: join(root, "bin", "postgres"), initdb: join(root, "bin", "initdb") };
}

/**
 * Makes sure that the embedded PostgreSQL is on this machine, fetching it when it is not. Throws
 * `AppError("unavailable")` when it cannot be had.
 */
export async function prepareServerFiles(): Promise<void> {
  await preparePrograms({});
}

async function prepareCopy(options: FileOptions): Promise<string> {
  const cache = await cacheFolder(options);
  const root = join(cache, `postgres-${POSTGRES_PACKAGE_VERSION}-${PLATFORM}`);
  if (!await isWhole(root)) {
    const native = await nativeFolder(options);
    await makeFolder(cache, 0o755);
    await unpack(root, native);
  }
  return root;
}
