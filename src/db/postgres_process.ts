import { join } from "node:path";
import { findInfo, findText, isMissing } from "./file_access.ts";
import type { PostgresPrograms } from "./postgres_files.ts";
import { SERVER_ENVIRONMENT } from "./postgres_init.ts";
import type { ServerPlace } from "./postgres_place.ts";

/** What the server writes into `postmaster.pid`. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly ready: boolean;
}

/** How a server ended; for one that is not our child only that it did. */
export interface ServerExit {
  readonly code?: number;
  readonly signal?: string;
  /** The last it said before its log was open. */
  readonly output: string;
}

/** A running server process, our child or not. */
export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  isAlive(): boolean;
}

const POLL_MS = 10;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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

/** The folder that a process works in: for PostgreSQL its data folder. Undefined when there is no such process. */
async function workFolder(pid: number): Promise<string | undefined> {
  try {
    return await Deno.readLink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (isMissing(error) || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

async function commandOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-p", `${pid}`, "-o", "command="],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** Processes that still work in the data folder: what a killed postmaster left behind. */
async function listServerProcesses(place: ServerPlace): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const data = await Deno.realPath(place.data);
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await workFolder(Number(name)) === data) found.push(Number(name));
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

/** Whether the process is this server: a number alone may have been given to another one since. */
export async function isServer(pid: number, place: ServerPlace): Promise<boolean> {
  if (Deno.build.os !== "linux") {
    const command = await commandOf(pid);
    return command.includes("postgres") && command.includes(place.data);
  }
  const command = await findText(`/proc/${pid}/cmdline`).catch(() => undefined);
  return (command ?? "").includes("postgres") &&
    await workFolder(pid) === await Deno.realPath(place.data);
}

/**
 * Makes the leftovers of a killed server harmless. The number in `postmaster.pid` may by now belong to
 * another process, and PostgreSQL would believe it; it is replaced by one that cannot exist. The rest of
 * the file stays: by it the new server checks that no process of the old one still uses the memory.
 */
export async function clearPidFile(place: ServerPlace): Promise<void> {
  const path = join(place.data, "postmaster.pid");
  const text = await findText(path);
  if (text === undefined) return;
  const rest = text.indexOf("\n");
  if (rest < 0) await Deno.remove(path);
  else await Deno.writeTextFile(path, `${0x7fffffff}${text.slice(rest)}`);
}

/** Removes the socket of a server that is gone, and its lock, which names a process like the pid file does. */
export async function clearSocket(socketFolder: string): Promise<void> {
  for (const name of [".s.PGSQL.5432", ".s.PGSQL.5432.lock"]) {
    const left = join(socketFolder, name);
    if (await findInfo(left) !== undefined) await Deno.remove(left);
  }
}

function signal(pid: number, name: Deno.Signal | 0): boolean {
  try {
    if (name === 0) return isPresent(pid);
    Deno.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function isPresent(pid: number): boolean {
  if (Deno.build.os !== "linux") {
    Deno.kill(pid, "SIGCONT");
    return true;
  }
  // After the name in brackets comes the state; a zombie is waiting to be collected, not alive.
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
}

/** Keeps the end of what a stream says; `finish` gives it, also when others still hold the stream open. */
function keepTail(stream: ReadableStream<Uint8Array>): { finish(): Promise<string> } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text = (text + decoder.decode(value, { stream: true })).slice(-4000);
    }
  }
  const reading = read().catch(() => {});
  return {
    async finish() {
      await Promise.race([reading, pause(100)]);
      await reader.cancel().catch(() => {});
      return text.trim();
    },
  };
}

/** Starts the server in a session of its own: Ctrl-C in a terminal is for the service, which then stops it in order. */
export function spawnServer(
  place: ServerPlace,
  programs: PostgresPrograms,
  socketFolder: string,
): ServerProcess {
  const child = new Deno.Command(programs.postgres, {
    args: ["-D", place.data, "-k", socketFolder, "-h", "", "-p", "5432"],
    cwd: place.base,
    clearEnv: true,
    env: SERVER_ENVIRONMENT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
    ...place.account,
  }).spawn();
  const errors = keepTail(child.stderr);
  let alive = true;
  const exited = child.status.then(async ({ code, signal }) => {
    alive = false;
    return { code, output: await errors.finish(), ...(signal === null ? {} : { signal }) };
  });
  return { pid: child.pid, exited, isAlive: () => alive && signal(child.pid, 0) };
}

/** Watches a server that somebody else started. */
export function watchServer(pid: number): ServerProcess {
  const isAlive = () => signal(pid, 0);
  async function wait(): Promise<ServerExit> {
    while (isAlive()) await pause(250);
    return { output: "" };
  }
  return { pid, exited: wait(), isAlive };
}

async function endsWithin(server: ServerProcess, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (server.isAlive()) {
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** `fast` ends sessions and writes a checkpoint; `immediate` leaves recovery to the next start. */
export type StopMode = "fast" | "immediate";

/** Stops the server and waits for its end; one that does not obey is stopped harder. */
export async function stopServer(server: ServerProcess, mode: StopMode): Promise<void> {
  if (mode === "fast") {
    signal(server.pid, "SIGINT");
    // A paused process would take it only after it is continued.
    signal(server.pid, "SIGCONT");
    if (await endsWithin(server, 30_000)) return;
  }
  signal(server.pid, "SIGQUIT");
  signal(server.pid, "SIGCONT");
  if (await endsWithin(server, 5000)) return;
  signal(server.pid, "SIGKILL");
  await endsWithin(server, 5000);
}
