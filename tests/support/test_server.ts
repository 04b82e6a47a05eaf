import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DatabaseAddress, parseDatabaseUrl } from "../../src/kernel/database_address.ts";
import { type EmbeddedAddresses, findEmbedded } from "../../src/postgres/mod.ts";

/** The server that tests make their databases on. */
export interface TestServer {
  /** May create databases and roles. */
  readonly admin: DatabaseAddress;
  /** The login that serves: a role of its own where the server is ours, else `admin` under SET ROLE. */
  readonly serve: DatabaseAddress;
  /** What opens secrets. */
  readonly vault: DatabaseAddress;
  /** What keeps log lines. */
  readonly logs: DatabaseAddress;
  readonly retention: DatabaseAddress;
  readonly read: DatabaseAddress;
}

/** Carries a `TestServer` as JSON from the test runner to the tests. */
export const SERVER_VARIABLE = "SPGOV_TEST_DATABASE";

const STARTER = fileURLToPath(new URL("./lingering_server.ts", import.meta.url));

function externalServer(url: string): TestServer {
  const admin = parseDatabaseUrl(url);
  return {
    admin,
    serve: { ...admin, role: "spgov_serve" },
    vault: { ...admin, role: "spgov_vault" },
    logs: { ...admin, role: "spgov_logs" },
    retention: { ...admin, role: "spgov_retention" },
    read: { ...admin, role: "spgov_read" },
  };
}

/** Home of the server that single test runs share; another number when the server's logins change. */
function lingeringHome(): string {
  return join(Deno.env.get("TMPDIR") ?? "/tmp", `spgov-test-3-${Deno.uid()}`);
}

/** An embedded server in the form that tests use. */
export function serverAt({ owner, ...others }: EmbeddedAddresses): TestServer {
  return { admin: owner, ...others };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Leaves a process behind that keeps the server. A shell in between, so that no test seems to leak a child. */
async function startLingering(home: string): Promise<void> {
  const command = [Deno.execPath(), "run", "-A", "--quiet", STARTER, home].map(quote).join(" ");
  await new Deno.Command("sh", {
    args: ["-c", `${command} </dev/null >/dev/null 2>${quote(join(home, "starter.log"))} &`],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
    detached: true,
  }).output();
}

async function makeHome(): Promise<string> {
  const home = lingeringHome();
  await Deno.mkdir(home, { recursive: true, mode: 0o755 });
  const { uid, isDirectory } = await Deno.lstat(home);
  if (isDirectory && uid === Deno.uid()) return home;
  throw new Error(`"${home}" belongs to somebody else`);
}

/** Locked by the process that will end the server. */
export const KEEPER_LOCK = "keeper.lock";

async function hasKeeper(home: string): Promise<boolean> {
  using file = await Deno.open(join(home, KEEPER_LOCK), { write: true, create: true });
  const isFree = await file.tryLock(false);
  if (isFree) file.unlockSync();
  return !isFree;
}

/** The server for tests that were started by hand: one that runs, else one that ends a while after its last use. */
async function lingeringServer(): Promise<TestServer> {
  const home = await makeHome();
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await findEmbedded(home);
    const isKept = await hasKeeper(home);
    if (found && isKept) return serverAt(found);
    // Again after a while: the one before us may just be ending, or was killed and left its server.
    if (!isKept && attempt % 40 === 0) await startLingering(home);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The test database in "${home}" does not start, see starter.log there`);
}

/**
 * The server of this run: what the test runner started, else the external one of `DATABASE_URL`,
 * else one that is started now and ends by itself ten minutes after its last use.
 */
export async function findTestServer(): Promise<TestServer> {
  const handed = Deno.env.get(SERVER_VARIABLE);
  if (handed) return JSON.parse(handed) as TestServer;
  const url = Deno.env.get("DATABASE_URL");
  return url ? externalServer(url) : await lingeringServer();
}
