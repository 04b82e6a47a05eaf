import type { PostgresPrograms } from "./postgres_files.ts";
import type { ServerPlace } from "./postgres_place.ts";
import { SERVER_ENVIRONMENT } from "./postgres_settings.ts";
import { birthOf, pause, signal } from "./process_table.ts";

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
  /** Asked for only by who keeps the process: it keeps our own process alive. */
  exited(): Promise<ServerExit>;
  isAlive(): boolean;
  /** Lets our own process end before the server does. */
  letGo(): Promise<void>;
}

const POLL_MS = 10;

/** Keeps the end of what a stream says; `finish` gives it, also when others still hold the stream open. */
function keepTail(stream: ReadableStream<Uint8Array>): {
  finish(graceMs: number): Promise<string>;
} {
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
    async finish(graceMs) {
      const timer = setTimeout(() => void reader.cancel().catch(() => {}), graceMs);
      // Ends when the stream does or is cancelled.
      await reading;
      clearTimeout(timer);
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
    // What it said matters when it failed.
    const output = await errors.finish(code === 0 ? 0 : 100);
    return { code, output, ...(signal === null ? {} : { signal }) };
  });
  async function letGo(): Promise<void> {
    child.unref();
    if (alive) await errors.finish(0);
  }
  return {
    pid: child.pid,
    exited: () => exited,
    isAlive: () => alive && signal(child.pid, 0),
    letGo,
  };
}

/** Watches a server that somebody else started. */
export function watchServer(pid: number): ServerProcess {
  const birth = birthOf(pid);
  const isAlive = () => signal(pid, 0) && birthOf(pid) === birth;
  async function wait(): Promise<ServerExit> {
    while (isAlive()) await pause(250);
    return { output: "" };
  }
  let waiting: Promise<ServerExit> | undefined;
  return { pid, exited: () => waiting ??= wait(), isAlive, letGo: () => Promise.resolve() };
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
  if (!server.isAlive()) return;
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
