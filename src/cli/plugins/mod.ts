import { group, type Route } from "../verb.ts";
import { mcp } from "./mcp/mod.ts";

export const plugins: Route = group("What agents reach through the gateway: MCP servers", { mcp });
