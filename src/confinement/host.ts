import { findTools, type HostTools } from "./tools.ts";
import type { ChildConfinement } from "./server.ts";
import { sandboxProbe } from "./sandbox.ts";

/** What this host offers to confine children with. */
export interface ConfiningHost {
  /** The furthest level that works here. */
  readonly level: ChildConfinement;
  /** Why it is not a further one; undefined for `bwrap`. */
  readonly why: string | undefined;
  readonly tools: HostTools;
  /** Whether children can be given users of their own. */
  readonly root: boolean;
  /** Whether user ids beyond 16 bits are to be had: not in most containers without root. */
  readonly wideIds: boolean;
  /** The `PATH` that commands are looked up in, and that children get. */
  readonly path: string;
  /** The folder for temporary files. */
  readonly temporary: string;
}

/** Finds out by trying: what is installed is not always usable. */
export async function findConfiningHost(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ConfiningHost> {
  const path = env.PATH ?? "/usr/local/bin:/usr/bin:/bin";
  const tools = await findTools(path);
  const isLinux = Deno.build.os === "linux";
  const host = {
    tools,
    root: isLinux && Deno.uid() === 0 && tools.setpriv !== undefined,
    wideIds: isLinux && await hasWideIds(),
    path,
    temporary: env.TMPDIR?.startsWith("/") ? env.TMPDIR : "/tmp",
  };
  const noSandbox = isLinux ? await whyNoSandbox(host) : "bubblewrap is for Linux";
  if (noSandbox === undefined) return { ...host, level: "bwrap", why: undefined };
  if (host.root && await canBecomeAnother(host)) return { ...host, level: "uid", why: noSandbox };
  return { ...host, root: false, level: "none", why: noSandbox };
}

async function whyNoSandbox(
  host: Omit<ConfiningHost, "level" | "why">,
): Promise<string | undefined> {
  if (host.tools.bwrap === undefined) return "bubblewrap (bwrap) is not installed";
  const [command = "", ...args] = await sandboxProbe(host);
  return await succeeds(command, args) ? undefined : "bwrap may not make name spaces here";
}

async function canBecomeAnother({ tools, wideIds }: Pick<ConfiningHost, "tools" | "wideIds">) {
  const id = wideIds ? "1000000001" : "30001";
  const args = ["--reuid", id, "--regid", id, "--clear-groups", "--", tools.sh, "-c", ":"];
  return tools.setpriv !== undefined && await succeeds(tools.setpriv, args);
}

/** Whether all 32 bits of user ids stand for something here. */
async function hasWideIds(): Promise<boolean> {
  const map = await Deno.readTextFile("/proc/self/uid_map").catch(() => "");
  return map.split("\n").some((line) => Number(line.trim().split(/\s+/)[2]) > 2 ** 31);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args: [...args],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}
