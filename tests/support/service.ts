import { fileURLToPath } from "node:url";
import {
  launchService,
  openSessions,
  type RunningService,
  type SessionWish,
} from "../../src/bench/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { shortInstance } from "../../src/kernel/home.ts";
import { V8_FLAGS } from "../../src/kernel/self.ts";
import { createTestDatabase, type TestDatabase } from "./test_database.ts";
import { findTestServer } from "./test_server.ts";

/** What a command line printed and ended with. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestServiceOptions {
  /** Gateway isolates; default as the product chooses. */
  readonly gateways?: number;
  /** Calls per window and session before the role's multiplier; default as shipped (300). */
  readonly callsPerWindow?: number;
  /** Changes the home before the first start: `<home>/services` and `<home>/profiles/local` are there. */
  readonly prepare?: (home: string) => Promise<void>;
  /** A home of the test's own, which it removes itself. */
  readonly home?: string;
  /** Extra variables for the service and for `cli`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** `embedded` whatever `DATABASE_URL` says, or the address of a server of the test's own. */
  readonly database?: "embedded" | { readonly url: string };
  /** The program; default: from source. `{ command: "dist/spgov", args: [] }` for the executable. */
  readonly self?: { readonly command: string; readonly args: readonly string[] };
}

/** The real service in a process of its own. */
export interface TestService extends RunningService {
  /** Runs the command line on the service's home. */
  cli(...args: string[]): Promise<CliResult>;
  /** The same, with a text on its standard input. */
  pipe(input: string, ...args: string[]): Promise<CliResult>;
  /** A token of a new session: the local operator's, for hooks, for an hour, unless told. */
  token(wish?: SessionWish): Promise<string>;
  /** Sends a body to the govern endpoint as it is (text) or as JSON. */
  govern(
    token: string | undefined,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Governed>;
}

/** The answer of a hook endpoint. */
export interface Governed {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const FROM_SOURCE = {
  command: Deno.execPath(),
  args: ["run", "--quiet", "--no-prompt", "-A", `--v8-flags=${V8_FLAGS.join(",")}`, MAIN],
};

/**
 * Starts the service in a temporary home on a free port and waits for `/readyz`. With `DATABASE_URL` it uses
 * a database of its own on that server, else its embedded one. `stop()` cleans everything up.
 */
export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const external = await chooseDatabase(options);
  const self = options.self ?? FROM_SOURCE;
  const service = await launchService({
    ...options,
    self,
    env: Deno.env.toObject(),
    services: assetPath("services"),
    ...external && { databaseUrl: external.url },
  }).catch(async (error) => {
    await external?.drop();
    throw error;
  });
  const database = external ? { DATABASE_URL: external.url } : {};
  const pipe = (input: string, ...args: string[]) =>
    runCli(self, [...args, "--home", service.home], { ...database, ...options.variables }, input);
  const extra = {
    cli: (...args: string[]) => pipe("", ...args),
    pipe,
    async token(wish: SessionWish = {}) {
      const [opened] = await openSessions(service, [wish]);
      if (!opened) throw new Error("No session was opened");
      return opened.token;
    },
    govern: (token: string | undefined, body: unknown, headers: Record<string, string> = {}) =>
      govern(service.url, token, body, headers),
    async stop() {
      const instance = await findInstance(service.home);
      await service.stop();
      await external?.drop();
      if (external && instance) await dropLogins(instance);
    },
  };
  // Members of the running service change with each restart: they are read through, not copied.
  return Object.assign(Object.create(service) as RunningService, extra);
}

/** The external database to use and how to be rid of it; undefined for the embedded one. */
async function chooseDatabase(
  { database }: TestServiceOptions,
): Promise<Pick<TestDatabase, "url" | "drop"> | undefined> {
  if (typeof database === "object") return { url: database.url, drop: () => Promise.resolve() };
  if (database === "embedded" || !Deno.env.get("DATABASE_URL")) return undefined;
  return await createTestDatabase();
}

async function findInstance(home: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(`${home}/instance`).catch(() => undefined);
  return text && shortInstance(text);
}

/** Roles belong to the server, not to the database: the logins of a home go with it. */
async function dropLogins(instance: string): Promise<void> {
  const { admin } = await findTestServer();
  const sql = openPool(admin, { max: 1, applicationName: "tests" });
  try {
    for (const role of ["spgov_serve", "spgov_vault", "spgov_logs"]) {
      await sql.unsafe(`drop role if exists "${role}_${instance}"`);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function runCli(
  self: { readonly command: string; readonly args: readonly string[] },
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  input: string,
): Promise<CliResult> {
  const env = Object.entries(Deno.env.toObject()).filter(([name]) =>
    !/^(SPGOV_(?!CACHE|POSTGRES_NATIVE)|DATABASE_URL$|NO_COLOR$)/.test(name)
  );
  const child = new Deno.Command(self.command, {
    args: [...self.args, ...args],
    clearEnv: true,
    env: { ...Object.fromEntries(env), ...variables },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that reads nothing may have ended already.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function govern(
  url: string,
  token: string | undefined,
  body: unknown,
  headers: Record<string, string>,
): Promise<Governed> {
  const response = await fetch(`${url}/api/public/hooks/govern?plugin_id=test`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
