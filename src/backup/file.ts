import { AppError, messageOf } from "../kernel/errors.ts";
import { randomBytes } from "../kernel/ids.ts";
import { VERSION } from "../kernel/version.ts";
import { openChunks, sealChunks, SecretBytes } from "../vault/mod.ts";
import type { Pool } from "../db/mod.ts";
import { dump, type DumpOptions } from "./dump.ts";
import { decodeFrames, type Frame } from "./frames.ts";
import {
  type BackupHeader,
  boundTo,
  headerBytes,
  keyCheckOf,
  readHeader,
  SALT_BYTES,
} from "./header.ts";

/** The key of the backup with that salt, 32 bytes: from the master key, wherever that is held. */
export type BackupKey = (salt: Uint8Array) => Promise<Uint8Array> | Uint8Array;

const EXTENSION = ".backup";
const DRAFT = ".partial";

/** Name of the file of a backup of that moment. */
export function backupName(at: Date): string {
  return `spgov-${at.toISOString().replace(/[-:]|\.\d+/g, "")}${EXTENSION}`;
}

/** Whether a file is named like a backup that was made without a name of its own. */
export function isBackupName(name: string): boolean {
  return /^spgov-\d{8}T\d{6}Z\.backup$/.test(name);
}

export interface WrittenBackup {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
}

/**
 * Writes everything in the database to a new file, compressed and sealed. It appears under its name when it is
 * whole and durable; what fails or is ended before leaves nothing. Throws `conflict` when the file is there.
 */
export async function writeBackup(
  sql: Pool,
  path: string,
  options: DumpOptions & { readonly key: BackupKey; readonly now: Date },
): Promise<WrittenBackup> {
  if (await isThere(path)) throw new AppError("conflict", `Cannot write "${path}": it exists`);
  const draft = `${path}${DRAFT}`;
  try {
    const written = await writeDraft(sql, draft, options);
    await Deno.rename(draft, path);
    await syncFolder(path);
    return { path, ...written };
  } catch (error) {
    await Deno.remove(draft).catch(() => undefined);
    if (error instanceof AppError) throw error;
    throw new AppError("unavailable", `Cannot write the backup "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function writeDraft(
  sql: Pool,
  path: string,
  options: DumpOptions & { readonly key: BackupKey; readonly now: Date },
): Promise<{ bytes: number; rows: number }> {
  const salt = randomBytes(SALT_BYTES);
  const key = new SecretBytes(await options.key(salt));
  const head = headerBytes({
    created_at: options.now.toISOString(),
    program: VERSION,
    salt: salt.toBase64(),
    key_check: keyCheckOf(key),
  });
  let rows = 0;
  const frames = dump(sql, {
    ...options,
    onProgress: (count, table) => {
      rows = count;
      options.onProgress?.(count, table);
    },
  });
  using file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
  let bytes = await writeAll(file, head);
  for await (const chunk of sealChunks(key, compressed(frames), boundTo(head))) {
    bytes += await writeAll(file, chunk);
  }
  await file.sync();
  return { bytes, rows };
}

function compressed(frames: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return ReadableStream.from(frames).pipeThrough(new CompressionStream("gzip") as never);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<number> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  return bytes.length;
}

/** An open backup: its header, and its contents as they are read. */
export interface OpenBackup {
  readonly header: BackupHeader;
  readonly frames: AsyncGenerator<Frame>;
}

/**
 * Reads a backup and gives its contents to `work`. Throws `not_found`, and `invalid` when it was sealed under
 * another master key, was changed or cut short, as soon as that shows: what `work` did by then must count for nothing.
 */
export async function readBackup<T>(
  path: string,
  key: BackupKey,
  work: (backup: OpenBackup) => Promise<T>,
): Promise<T> {
  using file = await openFile(path);
  let broken: unknown;
  try {
    const { header, head } = await readHead(file);
    const opened = await openKey(header, key);
    const chunks = openChunks(opened, piecesOf(file), boundTo(head));
    const plain = remember(chunks, (error) => broken = error);
    const frames = decodeFrames(
      ReadableStream.from(plain).pipeThrough(
        new DecompressionStream("gzip") as never,
      ) as ReadableStream<Uint8Array>,
    );
    return await work({ header, frames });
  } catch (error) {
    throw cannotRead(path, broken ?? error);
  }
}

/** What made the reading end, not what the streams behind made of it. */
async function* remember(
  chunks: AsyncGenerator<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    onError(error);
    throw error;
  }
}

function cannotRead(path: string, error: unknown): unknown {
  if (error instanceof AppError && error.code !== "invalid") return error;
  const isOurs = error instanceof AppError;
  const why = isOurs ? error.message : messageOf(error);
  const options = { cause: error, ...isOurs && error.hint !== undefined && { hint: error.hint } };
  return new AppError(
    isOurs ? "invalid" : "internal",
    `Cannot use the backup "${path}": ${why}`,
    options,
  );
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new AppError("not_found", `Cannot find the backup "${path}"`, { cause });
  }
}

const HEAD_BYTES = 4096;

async function readHead(
  file: Deno.FsFile,
): Promise<{ readonly header: BackupHeader; readonly head: Uint8Array }> {
  const start = new Uint8Array(HEAD_BYTES);
  let filled = 0;
  for (let count: number | null = 1; count && filled < HEAD_BYTES; filled += count ?? 0) {
    count = await file.read(start.subarray(filled));
  }
  const { header, end } = readHeader(start.subarray(0, filled));
  await file.seek(end, Deno.SeekMode.Start);
  return { header, head: start.slice(0, end) };
}

async function openKey(header: BackupHeader, key: BackupKey): Promise<SecretBytes> {
  const opened = new SecretBytes(await key(Uint8Array.fromBase64(header.salt)));
  if (keyCheckOf(opened) === header.key_check) return opened;
  throw new AppError(
    "invalid",
    "It was sealed under another master key, or its header was changed",
    {
      hint: "Backups open with the master key that was in force when they were made.",
    },
  );
}

const PIECE_BYTES = 262_144;

async function* piecesOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const count = await file.read(piece);
    if (count === null) return;
    yield piece.subarray(0, count);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

/** A renamed file is durable when its folder is. */
async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path.slice(0, path.lastIndexOf("/")) || "/");
  await folder.sync();
}
