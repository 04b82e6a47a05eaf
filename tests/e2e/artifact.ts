/** Builds the executable once for all tests and runs it the way a stranger's machine would. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILDS = join(ROOT, "dist", "test");
const SOURCES = ["main.ts", "deno.json", "deno.lock", "src", "migrations", "services", "scripts"];
const HOUR = 3_600_000;

/** All that the portable form asks of a host; no Deno, Node or PostgreSQL. */
const HOST_TOOLS = "sh env tail gzip tar wc rm mkdir ls id sed".split(" ");

/** `nobody`: any account that is not root's. */
export const NOBODY = 65534;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder on a host that has next to nothing, with the executable in it. */
export interface Host {
  readonly folder: string;
  /** A folder with the host's tools, for `PATH`. */
  readonly tools: string;
  /** Runs a program in the folder with these variables and no others. */
  run(args: readonly string[], options?: HostOptions): Promise<Result>;
  /** Ends whatever a failed test has left running as well. */
  remove(): Promise<void>;
}

export interface HostOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: the account that runs the tests. */
  readonly uid?: number;
  /** Goes in front of the command line, e.g. to enter a network namespace. */
  readonly prefix?: readonly string[];
}

/** The built executable; a reason where it cannot be built. `SPGOV_ARTIFACT` names one that is there. */
export async function findArtifact(): Promise<{ path: string } | { reason: string }> {
  const given = Deno.env.get("SPGOV_ARTIFACT");
  if (given) return { path: await Deno.realPath(given) };
  const path = join(BUILDS, await hashSources(), "spgov");
  if (await Deno.stat(path).catch(() => undefined)) return { path };
  await removeOldBuilds();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(ROOT, "scripts/compile.ts"), "--output", path],
    cwd: ROOT,
  }).output();
  if (success) return { path };
  const said = new TextDecoder().decode(stderr).trim();
  // Only a machine that cannot reach its packages is excused.
  if (/error sending request|dns error|client error/.test(said)) return { reason: said };
  throw new Error(said);
}

async function hashSources(): Promise<string> {
  const hash = createHash("sha256");
  const visit = async (path: string): Promise<void> => {
    if (!(await Deno.stat(path)).isDirectory) {
      hash.update(path).update("\0").update(await Deno.readFile(path));
      return;
    }
    const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
    for (const name of names) await visit(join(path, name));
  };
  for (const path of SOURCES) await visit(join(ROOT, path));
  return hash.digest("hex").slice(0, 16);
}

async function removeOldBuilds(): Promise<void> {
  await Deno.mkdir(BUILDS, { recursive: true });
  for await (const { name } of Deno.readDir(BUILDS)) {
    const { mtime } = await Deno.stat(join(BUILDS, name));
    if (mtime === null || Date.now() - mtime.getTime() < HOUR) continue;
    await Deno.remove(join(BUILDS, name), { recursive: true });
  }
}

/** Makes the host; whoever may run the program may also write into the folder. */
export async function createHost(artifact: string): Promise<Host> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-artifact-" });
  const tools = join(folder, "tools");
  await Deno.mkdir(tools);
  for (const name of HOST_TOOLS) await Deno.symlink(await findTool(name), join(tools, name));
  const program = join(folder, "spgov");
  await Deno.copyFile(artifact, program);
  await Deno.chmod(program, 0o755);
  await Deno.chmod(folder, 0o777);
  return {
    folder,
    tools,
    run: (args, options) => runIn(folder, tools, args, options),
    async remove() {
      for (const line of await listProcesses(folder)) tryKill(Number(line.split(" ")[0]));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function tryKill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

async function findTool(name: string): Promise<string> {
  for (const folder of ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]) {
    const info = await Deno.stat(`${folder}/${name}`).catch(() => undefined);
    if (info?.isFile) return `${folder}/${name}`;
  }
  throw new Error(`This host has no ${name}`);
}

async function runIn(
  folder: string,
  tools: string,
  args: readonly string[],
  { env = {}, cwd = folder, uid, prefix = [] }: HostOptions = {},
): Promise<Result> {
  const [program = "", ...rest] = [...prefix, ...args];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    cwd,
    clearEnv: true,
    env: { PATH: tools, ...env },
    stdin: "null",
    ...uid === undefined ? {} : { uid, gid: uid },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Command lines of the processes that mention the folder or work in it. Root sees everybody's. */
export async function listProcesses(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    const cwd = await Deno.readLink(`/proc/${name}/cwd`).catch(() => "");
    if (line.includes(folder) || cwd.startsWith(folder)) {
      found.push(`${name} ${line.replaceAll("\0", " ").trim()}`);
    }
  }
  return found;
}
