import { stdin } from "node:process";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

/** Serves over standard input and output, in either era, until the input ends. */
export async function serveUntilEnd(factory: McpServerFactory): Promise<void> {
  const ended = Promise.withResolvers<void>();
  stdin.once("end", ended.resolve);
  stdin.once("close", ended.resolve);
  const served = serveStdio(factory);
  await ended.promise;
  await served.close();
}
