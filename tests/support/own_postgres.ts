import { join } from "node:path";
// The programs that the product carries: a test must not depend on what else is installed.
import { preparePrograms } from "../../src/postgres/postgres_files.ts";
import { killServer } from "./embedded_home.ts";

export interface OwnPostgresOptions {
  /** Extra lines of `postgresql.conf`. */
  readonly settings?: readonly string[];
  /** Where the log of changes goes; default inside the data folder. */
  readonly walFolder?: (root: string) => Promise<string>;
  /** Megabytes of a file of that log; default 16. */
  readonly walSegmentMb?: number;
  /** Extra variables of the server, e.g. `LD_PRELOAD`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Runs before the server is started, with the folder that everything is in. */
  readonly prepare?: (root: string) => Promise<void>;
}

/** A PostgreSQL of a test's own on TCP, run as an account that may do so. */
export interface OwnPostgres {
  readonly url: string;
  readonly port: number;
  readonly root: string;
  readonly pid: number;
  /** What the server said. */
  log(): Promise<string>;
  isAlive(): boolean;
  /** Starts it again after it ended or was killed. */
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const NOBODY = { uid: 65534, gid: 65534 };
const account = Deno.uid() === 0 ? NOBODY : {};

/** Makes a database server in a temporary folder and starts it. `stop()` removes everything. */
export async function startOwnPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const root = await Deno.makeTempDir({ prefix: "spgov-postgres-" });
  await handOver(root);
  const data = join(root, "data");
  const programs = await preparePrograms({});
  const port = freePort();
  await options.prepare?.(root);
  const wal = await options.walFolder?.(root);
  await run(programs.initdb, root, [
    ...["-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"],
    ...wal === undefined ? [] : [`--waldir=${wal}`],
    ...options.walSegmentMb === undefined ? [] : [`--wal-segsize=${options.walSegmentMb}`],
  ]);
  await Deno.writeTextFile(join(data, "postgresql.conf"), settingsText(options, port, root), {
    append: true,
  });
  let child: Deno.ChildProcess | undefined;
  let alive = false;

  async function start(): Promise<void> {
    const file = join(root, "server.log");
    const line = `exec "$0" -D "$1" >>"$2" 2>&1`;
    child = new Deno.Command("sh", {
      args: ["-c", line, programs.postgres, data, file],
      cwd: root,
      clearEnv: true,
      env: { ...ENVIRONMENT, ...options.variables },
      stdin: "null",
      ...account,
    }).spawn();
    alive = true;
    void child.status.then(() => alive = false);
    await answers(port, () => alive);
  }

  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    root,
    get pid() {
      return child?.pid ?? 0;
    },
    log: () => Deno.readTextFile(join(root, "server.log")),
    isAlive: () => alive,
    start,
    async kill() {
      if (child) await killServer(child.pid);
      await child?.status;
    },
    async stop() {
      if (child && alive) await killServer(child.pid);
      await child?.status;
      await Deno.remove(root, { recursive: true });
    },
  };
}

const ENVIRONMENT = { LANG: "C", LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" };

function settingsText(options: OwnPostgresOptions, port: number, root: string): string {
  return [
    "",
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${root}'`,
    "shared_buffers = 32MB",
    "max_connections = 60",
    "logging_collector = off",
    ...options.settings ?? [],
    "",
  ].join("\n");
}

async function handOver(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  if (Deno.uid() === 0) await Deno.chown(folder, NOBODY.uid, NOBODY.gid);
}

async function run(program: string, cwd: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: ENVIRONMENT,
    stdout: "null",
    stderr: "piped",
    ...account,
  }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Waits until the server takes connections. */
async function answers(port: number, isAlive: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600 && isAlive(); attempt++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("The test's PostgreSQL does not start");
}
