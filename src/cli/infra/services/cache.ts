import { basename, join } from "node:path";
import { PROGRAM_FOLDER } from "../../../postgres/mod.ts";
import { assetRoot } from "../../../kernel/assets.ts";
import { buildForm } from "../../../kernel/build_info.ts";
import type { CliContext } from "../../context.ts";
import { type Leftover, leftoverFile, OLD_MS } from "./leftover.ts";

/** Folders that versions of the product make in the cache; anything else there is not ours. */
const PROGRAMS = /^postgres-\d[\w.-]*-(?:linux|darwin)-(?:x64|arm64)$/;
const PORTABLE = /^\d+\.\d+\.\d+(?:-[\w.]+)?-[0-9a-f]{16}$/;
const DRAFT = /^(.+)\.new-[\w-]+(?:\.old)?$/;

/** Versions that are not this one and that no process runs from, and drafts that were never finished. */
export async function findCacheLeftovers(context: CliContext): Promise<Leftover[]> {
  const cache = cacheFolder(context);
  const used = await runningPrograms();
  const found: Leftover[] = [];
  for (const name of await listFolders(cache)) {
    const path = join(cache, name);
    const reason = await reasonToRemove(name, path, context.clock.now());
    if (reason === undefined || used.some((program) => program.startsWith(`${path}/`))) continue;
    found.push(leftoverFile("cache", path, reason, await sizeOf(path)));
  }
  return found;
}

/** As the executable and the embedded server choose it. */
function cacheFolder({ env }: CliContext): string {
  if (env.SPGOV_CACHE) return env.SPGOV_CACHE;
  if (Deno.uid() === 0) return "/var/cache/spgov";
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "spgov");
  return env.HOME ? join(env.HOME, ".cache", "spgov") : `/tmp/spgov-cache-${Deno.uid()}`;
}

async function reasonToRemove(
  name: string,
  path: string,
  now: number,
): Promise<string | undefined> {
  const draftOf = DRAFT.exec(name)?.[1];
  const kind = draftOf ?? name;
  if (!PROGRAMS.test(kind) && !PORTABLE.test(kind)) return undefined;
  const { uid, mtime } = await Deno.lstat(path);
  if (Deno.uid() !== 0 && uid !== Deno.uid()) return undefined;
  if (draftOf !== undefined) {
    return now - (mtime?.getTime() ?? now) < OLD_MS ? undefined : "never finished";
  }
  if (PROGRAMS.test(name)) {
    return name === PROGRAM_FOLDER ? undefined : "PostgreSQL of another version";
  }
  // Only an unpacked executable knows which one of them is in use: itself.
  return buildForm() === "portable" && name !== ownFolder() ? "another version" : undefined;
}

function ownFolder(): string {
  return basename(assetRoot());
}

async function listFolders(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(path)) if (entry.isDirectory) names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

/** Paths of programs that run now, as far as this user may see them. */
async function runningPrograms(): Promise<string[]> {
  if (Deno.build.os !== "linux") return await listByPs();
  const programs: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const program = await Deno.readLink(`/proc/${name}/exe`).catch(() => undefined);
    if (program !== undefined) programs.push(program);
  }
  return programs;
}

async function listByPs(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-axo", "comm="], stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout).split("\n");
}

async function sizeOf(path: string): Promise<number> {
  const info = await Deno.lstat(path).catch(() => undefined);
  if (!info?.isDirectory) return info?.size ?? 0;
  let bytes = 0;
  for await (const { name } of Deno.readDir(path)) bytes += await sizeOf(join(path, name));
  return bytes;
}
