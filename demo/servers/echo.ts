import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { text } from "./answer.ts";

/** Says what it is told: the least that a server can do, for measuring everything around it. */
export function createEchoServer(): McpServer {
  const server = new McpServer({ name: "demo-echo", title: "Demo echo", version: "1.0.0" });
  server.registerTool("echo", {
    description: "Answer with the text that is given",
    inputSchema: z.object({ text: z.string().max(100_000) }),
    annotations: { readOnlyHint: true, openWorldHint: false },
  }, (input) => text(input.text));
  return server;
}
