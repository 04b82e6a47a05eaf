/** Software from the npm registry that tests work with: fetched once per version into a cache, outside the checkout. */

export interface KitSpec {
  /** Part of the folder's name. */
  readonly name: string;
  /** Packages and their exact versions. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Text of the lock file that pins what they depend on. */
  readonly lock?: string;
}

/** The folder that `node_modules` is in. Throws where a package cannot be had. No script of any package runs. */
export async function obtainKit({ name, dependencies, lock }: KitSpec): Promise<string> {
  const manifest = JSON.stringify({ private: true, dependencies });
  const folder = `${cacheFolder()}/${name}-${await shortHash(manifest + (lock ?? ""))}`;
  if (await exists(folder)) return folder;
  const building = `${folder}.${crypto.randomUUID()}`;
  await Deno.mkdir(building, { recursive: true });
  try {
    await Deno.writeTextFile(`${building}/package.json`, manifest);
    await Deno.writeTextFile(`${building}/deno.json`, '{"nodeModulesDir": "auto"}');
    if (lock !== undefined) await Deno.writeTextFile(`${building}/deno.lock`, lock);
    await install(building, lock === undefined ? [] : ["--frozen"]);
    await settle(building, folder);
  } finally {
    await Deno.remove(building, { recursive: true }).catch(() => {});
  }
  return folder;
}

async function install(folder: string, flags: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", ...flags],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().slice(0, 300));
}

/** A half installation is never used; of two at the same time the first one stays. */
async function settle(building: string, folder: string): Promise<void> {
  try {
    await Deno.rename(building, folder);
  } catch (error) {
    if (!await exists(folder)) throw error;
  }
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

function cacheFolder(): string {
  const chosen = Deno.env.get("SPGOV_TEST_CACHE");
  if (chosen) return chosen;
  const base = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${base}/spgov-test`;
}

/** `linux-x64`, as packages with binaries end. */
export function platform(): string {
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  return `${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
}

export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
