import { assetRoot } from "../kernel/assets.ts";
import { buildForm } from "../kernel/build_info.ts";
import type { Sql } from "../db/mod.ts";
import { VERSION } from "../kernel/version.ts";

/** The machine and the versions that figures belong to. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly kernel: string;
  readonly deno: string;
  readonly postgres: string | undefined;
  readonly spgov: string;
  readonly commit: string | undefined;
  /** Load average of the last minute before the measurement: others at work make figures worse. */
  readonly load: number;
}

/** Describes this machine. `sql`: the database under test, where there is one. */
export async function describeMachine(sql?: Sql): Promise<Machine> {
  return {
    date: new Date().toISOString(),
    cpu: await cpuModel(),
    cores: navigator.hardwareConcurrency,
    memoryMb: Math.round(Deno.systemMemoryInfo().total / 1024 / 1024),
    kernel: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    postgres: sql && await postgresVersion(sql),
    spgov: VERSION,
    commit: await commit(),
    load: Number((Deno.loadavg()[0] ?? 0).toFixed(2)),
  };
}

async function cpuModel(): Promise<string> {
  const text = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? Deno.build.arch;
}

async function postgresVersion(sql: Sql): Promise<string> {
  const [row] = await sql<
    { version: string }[]
  >`select current_setting('server_version') as version`;
  return row?.version ?? "unknown";
}

/** The checkout's commit, with a mark when files differ from it; undefined outside a checkout. */
async function commit(): Promise<string | undefined> {
  if (buildForm() !== "source") return undefined;
  const at = assetRoot();
  const head = await git(at, ["rev-parse", "--short", "HEAD"]);
  if (head === undefined) return undefined;
  const changes = await git(at, ["status", "--porcelain", "--untracked-files=no"]);
  return changes === "" ? head : `${head} (changed)`;
}

async function git(at: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", at, ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
