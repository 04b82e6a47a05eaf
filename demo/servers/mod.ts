import type { McpServerFactory } from "@modelcontextprotocol/server";
import { AppError } from "../../src/kernel/errors.ts";
import { serveUntilEnd } from "../../src/mcp/stdio/mod.ts";
import { createEchoServer } from "./echo.ts";
import { createFilesServer } from "./files.ts";
import { createGithubServer } from "./github.ts";

/** The servers for demonstrations, by the name that `spgov serve-demo` takes. */
const SERVERS: Readonly<Record<string, McpServerFactory>> = {
  echo: createEchoServer,
  files: createFilesServer,
  github: () => createGithubServer(Deno.env.toObject()),
};

/**
 * Serves one of them over standard input and output until the input ends. It says on standard error that it
 * was started: whoever wants to know whether a denied call ever got a process finds it there.
 */
export async function serveDemo(name: string): Promise<void> {
  const factory = SERVERS[name];
  if (!factory) {
    throw new AppError("not_found", `There is no demo server "${name}"`, {
      hint: `There are: ${Object.keys(SERVERS).join(", ")}.`,
    });
  }
  await announce(name);
  await serveUntilEnd(factory);
}

/** One line to standard error, and a file named by our process id in the folder of `DEMO_MARKERS`, if set. */
async function announce(name: string): Promise<void> {
  Deno.stderr.writeSync(new TextEncoder().encode(`demo-${name} started, process ${Deno.pid}\n`));
  const folder = Deno.env.get("DEMO_MARKERS");
  if (folder) await Deno.writeTextFile(`${folder}/${Deno.pid}-${crypto.randomUUID()}`, name);
}
