/**
 * Runs the tests on one database server that lives as long as the run: an embedded PostgreSQL in a
 * temporary home, or the external server of `DATABASE_URL`. Arguments go to `deno test`, e.g.
 * `deno task test tests/store/db_test.ts --filter migrate`. The last line is `N passed, N failed, N skipped`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseDatabaseUrl } from "../src/kernel/database_address.ts";
import { type EmbeddedServer, startEmbedded } from "../src/postgres/mod.ts";
import { messageOf } from "../src/kernel/errors.ts";
import { createLog } from "../src/kernel/log.ts";
import { dropStaleDatabases, TEST_TUNING } from "../tests/support/test_database.ts";
import { SERVER_VARIABLE, serverAt } from "../tests/support/test_server.ts";
import { countsOf, type TestCounts } from "./test_summary.ts";

interface Database {
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const FOLDERS = ["src", "scripts", "tests"];

async function useExternal(url: string): Promise<Database> {
  await dropStaleDatabases(parseDatabaseUrl(url));
  return { variables: { DATABASE_URL: url }, close: async () => {} };
}

const GUARD = 'cat >/dev/null; kill -QUIT "$1"; while kill -0 "$1"; do sleep 1; done; rm -rf "$2"';

/** Ends the server when this process is killed: the end of its input is a sign that cannot be forgotten. */
function guard(server: EmbeddedServer, home: string): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: ["-c", GUARD, "guard", `${server.pid}`, home],
    stderr: "null",
    stdin: "piped",
    detached: true,
  }).spawn();
}

async function useEmbedded(): Promise<Database> {
  const home = await Deno.makeTempDir({ prefix: "spgov-tests-" });
  // The server's account has to get in, when that is another one.
  await Deno.chmod(home, 0o755);
  const log = createLog({ module: "test", level: "warn" });
  const server = await startEmbedded({ home, log, tuning: TEST_TUNING, ballastMb: 0 });
  const guardian = guard(server, home);
  return {
    variables: { [SERVER_VARIABLE]: JSON.stringify(serverAt(server.addresses)) },
    async close() {
      await server.stop("immediate");
      tell(guardian, "SIGKILL");
      await guardian.stdin.close();
      await guardian.status;
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** Copies what the run prints to our output, and keeps the end of it, where the summary is. */
async function copyOutput(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stream) {
    for (let done = 0; done < chunk.length;) {
      done += await Deno.stdout.write(chunk.subarray(done));
    }
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-20_000);
  }
  return tail;
}

async function runTests(args: readonly string[], database: Database): Promise<TestCounts> {
  const named = args.some((arg) => !arg.startsWith("-") && existsSync(arg));
  const folders = named ? [] : FOLDERS.filter((folder) => existsSync(folder));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--parallel", ...args, ...folders],
    env: { SPGOV_BALLAST_MB: "1", ...database.variables, ...colour() },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const forward = () => tell(child, "SIGTERM");
  Deno.addSignalListener("SIGTERM", forward);
  try {
    const [tail, status] = await Promise.all([copyOutput(child.stdout), child.status]);
    return countsOf(tail, status.code);
  } finally {
    Deno.removeSignalListener("SIGTERM", forward);
  }
}

function colour(): Record<string, string> {
  return Deno.stdout.isTerminal() && !Deno.noColor ? { FORCE_COLOR: "1" } : {};
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

function tell(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}

async function main(args: readonly string[]): Promise<number> {
  // The terminal sends Ctrl-C to the tests as well; we stay to stop the database.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.chdir(join(import.meta.dirname ?? ".", ".."));
  const url = Deno.env.get("DATABASE_URL");
  const database = await (url ? useExternal(url) : useEmbedded());
  try {
    const { passed, failed, skipped, status } = await runTests(args, database);
    say(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    return status;
  } finally {
    await database.close();
  }
}

async function mainOrReport(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    say(`The tests could not be run: ${messageOf(error)}\n\n0 passed, 1 failed, 0 skipped\n`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await mainOrReport(Deno.args));
