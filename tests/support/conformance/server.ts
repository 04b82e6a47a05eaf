import { McpServer } from "@modelcontextprotocol/server";
import { registerContentTools } from "./content_tools.ts";
import { registerInputTools, STATE } from "./input_required.ts";
import { registerLiveTools } from "./live_tools.ts";
import { registerPrompts, registerResources } from "./resources.ts";

/** A server with everything that the conformance suite asks a server for. */
export function createConformanceServer(): McpServer {
  const server = new McpServer({ name: "conformance-server", version: "1.0.0" }, {
    capabilities: {
      tools: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      prompts: { listChanged: true },
      completions: {},
      logging: {},
    },
    requestState: { verify: STATE.verify },
  });
  registerContentTools(server);
  registerLiveTools(server);
  registerInputTools(server);
  registerResources(server);
  registerPrompts(server);
  server.server.setRequestHandler("resources/subscribe", () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", () => ({}));
  return server;
}
