import { dirname, join } from "node:path";
import { openPool, type Pool } from "../../src/db/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import { type EmbeddedOptions, startEmbedded } from "../../src/postgres/mod.ts";
import { createLog } from "../../src/kernel/log.ts";

/** Options of an embedded server that takes little. */
export function smallServer(home: string): EmbeddedOptions {
  const log = createLog({ module: "test", write: () => {} });
  return { home, log, tuning: { sharedBuffersMb: 16, maxConnections: 20 }, ballastMb: 1 };
}

/** A temporary folder that the server's account can enter; `mode` for one that it cannot. */
export async function makeTemp(mode = 0o755): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-home-" });
  await Deno.chmod(folder, mode);
  return folder;
}

/** Asks one question as the address says. */
export async function ask<T>(
  address: DatabaseAddress,
  work: (sql: Pool) => Promise<T>,
): Promise<T> {
  const sql = openPool(address, { max: 1, applicationName: "fault test" });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Whether the process exists and has not ended. */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-p", `${pid}`, "-o", "stat="] })
    .output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout).trim());
}

/** The number in the pid file of a home whose data is inside it. */
export async function postmasterOf(home: string): Promise<number> {
  const text = await Deno.readTextFile(join(home, "postgres", "data", "postmaster.pid"));
  return Number(text.split("\n")[0]);
}

/** Numbers of all processes of a server, the postmaster first. */
export async function processesOf(postmaster: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["--ppid", `${postmaster}`, "-o", "pid="],
  }).output();
  const children = new TextDecoder().decode(stdout).trim().split(/\s+/).filter((text) => text);
  return [postmaster, ...children.map(Number)];
}

/** `kill -9` of a server with all its processes. */
export async function killServer(postmaster: number): Promise<void> {
  for (const pid of await processesOf(postmaster)) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It went with its parent.
    }
  }
}

/** Homes that are copied from one whose database was made once, with a table `kept` that holds 1. */
export interface HomeMaker {
  /** A fresh home, in a folder of that name; removed by `remove`. */
  make(name?: string): Promise<string>;
  remove(): Promise<void>;
}

/** Prepares the home that others are copied from. */
export async function makeHomes(): Promise<HomeMaker> {
  const root = await makeTemp();
  const first = join(root, "first");
  const server = await startEmbedded(smallServer(first));
  await ask(server.addresses.owner, async (sql) => {
    await sql`create table kept as select 1 as n`;
  });
  await server.stop();
  let count = 0;
  return {
    async make(name = `home-${++count}`) {
      const home = join(root, name);
      await Deno.mkdir(dirname(home), { recursive: true });
      await new Deno.Command("cp", { args: ["-a", first, home] }).output();
      return home;
    },
    remove: () => Deno.remove(root, { recursive: true }),
  };
}

/** A process that holds the server of a home. */
export interface Holder {
  /** Ends its input: it gives the server up in order. Resolves with its exit status. */
  finish(): Promise<number>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** Lets another process start or borrow the server; resolves when that one has it. */
export async function holdElsewhere(way: "start" | "borrow", home: string): Promise<Holder> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("./embedded_child.ts", import.meta.url).href, way, home],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const said = new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  if (said !== "ready\n") throw new Error(`The other process says "${said}"`);
  return {
    async finish() {
      await child.stdin.close();
      return (await child.status).code;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await child.stdin.abort().catch(() => {});
    },
  };
}
