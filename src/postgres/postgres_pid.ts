import { join } from "node:path";
import { findInfo, findText, writeWhole } from "./file_access.ts";
import type { ServerPlace } from "./postgres_place.ts";
import { commandOf, pause, signal, workFolder } from "./process_table.ts";

/** What the server writes into `postmaster.pid`. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly ready: boolean;
}

export async function findPidFile(place: ServerPlace): Promise<PidFile | undefined> {
  const text = await findText(join(place.data, "postmaster.pid"));
  const lines = text?.split("\n") ?? [];
  const [pid, , , port, socketFolder] = lines;
  if (pid === undefined || !/^-?\d+$/.test(pid.trim())) return undefined;
  return {
    pid: Number(pid),
    port: Number(port ?? 0),
    socketFolder: socketFolder ?? "",
    ready: lines[7]?.trim() === "ready",
  };
}

/** Whether a process is PostgreSQL and works in this folder. Its name alone would also fit a pager of its log. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  if (await workFolder(pid) !== data) return false;
  const command = await findText(`/proc/${pid}/cmdline`).catch(() => undefined);
  return /^(postgres:|[^\0]*\/postgres\0)/.test(command ?? "");
}

/** Whether the process is this server: a number alone may have been given to another one since. */
export async function isServer(pid: number, place: ServerPlace): Promise<boolean> {
  if (Deno.build.os === "linux") return await worksIn(pid, await Deno.realPath(place.data));
  const command = await commandOf(pid);
  return command.includes("postgres") && command.includes(place.data);
}

/** Processes that still work in the data folder: what a killed postmaster left behind. */
async function listServerProcesses(place: ServerPlace): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const data = await Deno.realPath(place.data);
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await worksIn(Number(name), data)) found.push(Number(name));
  }
  return found;
}

/** Ends what a killed postmaster left behind; PostgreSQL does not start beside it. */
export async function endOrphans(place: ServerPlace): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const pids = await listServerProcesses(place);
    if (pids.length === 0) return;
    // They end by themselves once they notice; who does not within 2 s is paused or stuck.
    if (attempt >= 40) pids.forEach((pid) => signal(pid, "SIGKILL"));
    await pause(50);
  }
}

/**
 * Makes the leftovers of a killed server harmless. The number in `postmaster.pid` may by now belong to
 * another process, and PostgreSQL would believe it; it is replaced by one that cannot exist. The rest of
 * the file stays: by it the new server checks that no process of the old one still uses the memory.
 */
export async function clearPidFile(place: ServerPlace): Promise<void> {
  const path = join(place.data, "postmaster.pid");
  const [, pid, rest] = /^-?(\d+)(\n[^]*)$/.exec(await findText(path) ?? "") ?? [];
  // Anything else was cut off while the server wrote it, before it did anything else.
  if (pid === undefined) return await removeIfThere(path);
  if (!await isTaken(Number(pid))) return;
  await writeWhole(path, `${0x7fffffff}${rest}`, 0o600, place.account);
}

/** Whether the number belongs to any process, also to one that has ended and was not collected. */
async function isTaken(pid: number): Promise<boolean> {
  return Deno.build.os !== "linux" || await findInfo(`/proc/${pid}`) !== undefined;
}

async function removeIfThere(path: string): Promise<void> {
  if (await findInfo(path) !== undefined) await Deno.remove(path);
}

/** Removes the socket of a server that is gone, and its lock, which names a process like the pid file does. */
export async function clearSocket(socketFolder: string): Promise<void> {
  for (const name of [".s.PGSQL.5432", ".s.PGSQL.5432.lock"]) {
    await removeIfThere(join(socketFolder, name));
  }
}
