// deno-lint-ignore-file no-console
/**
 * The last step of unpacking the portable executable: checks every file of the draft, puts it on disk for
 * good and gives it its name. Arguments: the draft's folder, the final one, and the checksum of the list
 * of files. Several may run at once.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { COMPLETE, MANIFEST, type Manifest } from "./manifest.ts";

/** A draft this old was left behind by a killed process. */
const STALE_MS = 3_600_000;

async function checkFiles(draft: string, { files }: Manifest): Promise<void> {
  for (const [path, { size, sha256 }] of Object.entries(files)) {
    const bytes = await Deno.readFile(join(draft, path));
    if (bytes.length !== size || hashOf(bytes) !== sha256) {
      throw new Error(`"${path}" was not unpacked in full`);
    }
  }
}

/** The list of files, as the executable's header knows it. */
async function readManifest(draft: string, expected: string): Promise<Manifest> {
  const bytes = await Deno.readFile(join(draft, MANIFEST));
  if (hashOf(bytes) !== expected) throw new Error("The list of files is damaged");
  return JSON.parse(new TextDecoder().decode(bytes));
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Writes the program through to the disk: after a power cut the name must not be there without the content.
 * PostgreSQL's files are compared with their list at each start of the server.
 */
async function syncProgram(draft: string, { files }: Manifest): Promise<void> {
  for (const path of Object.keys(files)) {
    if (path.startsWith("postgres/")) continue;
    using file = await Deno.open(join(draft, path));
    await file.sync();
  }
}

async function findFile(path: string): Promise<Deno.FileInfo | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile ? info : undefined;
}

async function isWhole(folder: string, { files }: Manifest): Promise<boolean> {
  if (!await findFile(join(folder, COMPLETE))) return false;
  for (const [path, { size }] of Object.entries(files)) {
    if ((await findFile(join(folder, path)))?.size !== size) return false;
  }
  return true;
}

async function place(draft: string, target: string, manifest: Manifest): Promise<void> {
  try {
    await Deno.rename(draft, target);
  } catch (error) {
    // Another process was faster, or what stands there is damaged.
    if (await isWhole(target, manifest)) return;
    const away = `${draft}.old`;
    await Deno.rename(target, away).catch(() => {});
    await Deno.rename(draft, target).catch(async () => {
      if (!await isWhole(target, manifest)) throw error;
    });
    await Deno.remove(away, { recursive: true }).catch(() => {});
  }
}

async function removeStale(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!/\.new-\d+(\.old)?$/.test(name)) continue;
    const path = join(folder, name);
    const { mtime } = await Deno.lstat(path).catch(() => ({ mtime: null }));
    if (mtime === null || Date.now() - mtime.getTime() < STALE_MS) continue;
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

const [draft, target, expected] = Deno.args;
if (!draft || !target || !expected) throw new Error("Name the draft, the target and the checksum");
try {
  const manifest = await readManifest(draft, expected);
  await checkFiles(draft, manifest);
  await syncProgram(draft, manifest);
  const { id, bytes, sha256 } = manifest;
  await Deno.writeTextFile(join(draft, COMPLETE), `${JSON.stringify({ id, bytes, sha256 })}\n`);
  await place(draft, target, manifest);
  await removeStale(dirname(target)).catch(() => {});
} catch (error) {
  console.error(`spgov: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
