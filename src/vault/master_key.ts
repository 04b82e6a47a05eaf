import { AppError } from "../kernel/errors.ts";
import { type RandomBytes, randomBytes, toHex } from "../kernel/ids.ts";
import {
  formatMasterKey,
  MASTER_KEY_BYTES,
  parseMasterKey,
  parseMasterKeyText,
} from "./keyring.ts";
import { SecretBytes } from "./secret_bytes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a master key may come from. */
export interface MasterKeyOptions {
  /** The home folder; the key's file is `keys/master.key` in it. */
  readonly home: string;
  readonly env: Environment;
  readonly random?: RandomBytes;
}

/** A master key, and where it came from. */
export interface LoadedMasterKey {
  readonly key: SecretBytes;
  readonly source: "environment" | "credential" | "file";
  /** The file it was read from; undefined for the environment. */
  readonly path: string | undefined;
  /** True when it was made just now. */
  readonly created: boolean;
}

/** The variable that carries the master key as base64. */
export const MASTER_KEY_VARIABLE = "SPGOV_MASTER_KEY";
/** The systemd credential that carries it: `LoadCredential=spgov-master-key:…`. */
export const MASTER_KEY_CREDENTIAL = "spgov-master-key";

/** Path of the master key's file in `home`. */
export function masterKeyPath(home: string): string {
  return `${home}/keys/master.key`;
}

/**
 * Reads the master key: from `SPGOV_MASTER_KEY`, else from the systemd credential, else from the file.
 * Throws `not_found` when there is none, `invalid` when it is no key or others may read its file.
 */
export async function loadMasterKey(options: MasterKeyOptions): Promise<LoadedMasterKey> {
  const given = fromEnvironment(options.env) ?? await fromCredential(options.env);
  if (given) return given;
  const path = masterKeyPath(options.home);
  const key = await readKeyFile(path);
  if (key) return { key, source: "file", path, created: false };
  throw new AppError("not_found", `Cannot find the master key: there is no "${path}"`, {
    hint: "`spgov start` or `spgov admin setup` makes one.",
  });
}

/** As `loadMasterKey`, but makes the file when there is no key: once, however many start at the same time. */
export async function ensureMasterKey(options: MasterKeyOptions): Promise<LoadedMasterKey> {
  const given = fromEnvironment(options.env) ?? await fromCredential(options.env);
  if (given) return given;
  const path = masterKeyPath(options.home);
  const present = await readKeyFile(path);
  if (present) return { key: present, source: "file", path, created: false };
  const created = await createKeyFile(path, options.random ?? randomBytes);
  // Whoever came first made the key: what counts is what stands in the file now.
  return { ...await loadMasterKey(options), created };
}

/** The key that is to take the place of the one in `home`'s file: made once, the same until it is placed. */
export async function prepareNextMasterKey(home: string): Promise<SecretBytes> {
  const path = nextPath(home);
  await createKeyFile(path, randomBytes);
  const key = await readKeyFile(path);
  if (key) return key;
  throw new AppError("internal", `Cannot find the master key just written to "${path}"`);
}

/** Puts the prepared key in the place of the one before, which is kept until `forgetPreviousMasterKey`. */
export async function placeNextMasterKey(home: string): Promise<void> {
  const path = masterKeyPath(home);
  await removeIfThere(previousPath(home));
  await Deno.link(path, previousPath(home));
  await Deno.rename(nextPath(home), path);
  await syncFolder(folderOf(path));
}

/** Removes the key that was replaced, if it is there. */
export async function forgetPreviousMasterKey(home: string): Promise<void> {
  await removeIfThere(previousPath(home));
}

function nextPath(home: string): string {
  return `${masterKeyPath(home)}.next`;
}

function previousPath(home: string): string {
  return `${masterKeyPath(home)}.previous`;
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function fromEnvironment(env: Environment): LoadedMasterKey | undefined {
  const text = env[MASTER_KEY_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const key = parseMasterKeyText(text);
  if (key) return { key, source: "environment", path: undefined, created: false };
  throw badKey(`the variable ${MASTER_KEY_VARIABLE}`);
}

async function fromCredential(env: Environment): Promise<LoadedMasterKey | undefined> {
  const folder = env.CREDENTIALS_DIRECTORY;
  if (folder === undefined || folder === "") return undefined;
  const path = `${folder}/${MASTER_KEY_CREDENTIAL}`;
  const key = await readKeyFile(path);
  return key && { key, source: "credential", path, created: false };
}

async function readKeyFile(path: string): Promise<SecretBytes | undefined> {
  const content = await readPrivate(path);
  if (!content) return undefined;
  const key = parseMasterKey(content);
  content.fill(0);
  if (!key) throw badKey(`"${path}"`);
  return key;
}

async function readPrivate(path: string): Promise<Uint8Array | undefined> {
  try {
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & 0o077) !== 0) throw tooOpen(path, mode);
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof AppError) throw error;
    throw new AppError("invalid", `Cannot read the master key "${path}"`, { cause: error });
  }
}

/** Writes a new key under a name of its own, then links it into place; false when there was one already. */
async function createKeyFile(path: string, random: RandomBytes): Promise<boolean> {
  const folder = folderOf(path);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${folder}/.master.key.${toHex(random(8))}`;
  const key = new SecretBytes(random(MASTER_KEY_BYTES));
  try {
    await writeDurably(draft, formatMasterKey(key) + "\n");
    await Deno.link(draft, path);
    await syncFolder(folder);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw new AppError("internal", `Cannot write the master key "${path}"`, { cause: error });
  } finally {
    key.wipe();
    await Deno.remove(draft).catch(() => undefined);
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

async function writeDurably(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
  using file = await Deno.open(path, { write: true });
  await file.sync();
}

async function syncFolder(folder: string): Promise<void> {
  using file = await Deno.open(folder);
  await file.sync();
}

function badKey(where: string): AppError {
  return new AppError("invalid", `Cannot use the master key in ${where}: it is not 32 bytes`, {
    hint: "Expected 32 raw bytes or their base64 text, e.g. of `openssl rand -base64 32`.",
  });
}

function tooOpen(path: string, mode: number): AppError {
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  return new AppError(
    "invalid",
    `Cannot use the master key "${path}": with mode ${shown} others than its owner can reach it`,
    { hint: `chmod 600 "${path}"` },
  );
}
