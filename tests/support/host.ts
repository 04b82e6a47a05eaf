import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Why this host cannot run a test; undefined when it can. Tests are skipped visibly with it in their name. */
export type Obstacle = string | undefined;

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    return false;
  }
}

/** A C compiler, for libraries that are preloaded. */
export async function findNoCompiler(): Promise<Obstacle> {
  if (Deno.build.os !== "linux") return "needs Linux";
  return await succeeds("cc", "--version") ? undefined : "needs cc";
}

/** The right to mount a file system of a test's own. */
export async function findNoMount(): Promise<Obstacle> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "needs root on Linux";
  const folder = await Deno.makeTempDir();
  try {
    if (!await succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)) {
      return "may not mount";
    }
    await succeeds("umount", folder);
    return undefined;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** strace, and the right to use it. */
export async function findNoTracer(): Promise<Obstacle> {
  return await succeeds("strace", "-f", "-o", "/dev/null", "true") ? undefined : "needs strace";
}

/** Compiles `tests/support/shims/<name>.c` into `folder` for `LD_PRELOAD`. */
export async function compileShim(name: string, folder: string): Promise<string> {
  const source = fileURLToPath(new URL(`./shims/${name}.c`, import.meta.url));
  const library = join(folder, `${name}.so`);
  const { success, stderr } = await new Deno.Command("cc", {
    args: ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.chmod(library, 0o755);
  return library;
}

/** A small file system in memory; `remove` unmounts it. */
export interface SmallVolume {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts a file system of so many megabytes on a new folder below `root`. */
export async function mountSmall(
  root: string,
  megabytes: number,
  owner: { readonly uid: number; readonly gid: number },
): Promise<SmallVolume> {
  const folder = await Deno.makeTempDir({ dir: root, prefix: "volume-" });
  const options = `size=${megabytes}m,uid=${owner.uid},gid=${owner.gid},mode=700`;
  if (!await succeeds("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)) {
    throw new Error(`Cannot mount on "${folder}"`);
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill: () => takeRoom(filler),
    free: () => Deno.remove(filler).catch(() => {}),
    async remove() {
      await succeeds("umount", folder) || await succeeds("umount", "-l", folder);
    },
  };
}

async function takeRoom(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, append: true });
  for (let size = 1 << 20; size >= 4096; size /= 2) {
    const block = new Uint8Array(size);
    try {
      while (await file.write(block) === size);
    } catch {
      // No room for as much: try less.
    }
  }
}
