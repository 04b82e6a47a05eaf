import type { Request as GovernedRequest } from "../../governance/mod.ts";
import { type Exchange, parentOf } from "./exchange.ts";
import { inputOf, type Route, targetOf } from "./route.ts";

/** The call as the governor takes it. */
export function requestOf(exchange: Exchange, route: Route): GovernedRequest {
  const { input, inputPath } = inputOf(route);
  const client = exchange.client.info["name"];
  return {
    surface: "mcp",
    event: exchange.request.method,
    target: targetOf(route),
    tool: route.kind === "tool" || route.kind === "prompt" ? route.name : "",
    input,
    inputPath,
    agent: undefined,
    plugin: undefined,
    context: {
      client: typeof client === "string" ? client.slice(0, 128) : undefined,
      client_address: exchange.address,
      endpoint: exchange.endpoint,
      parent_span_id: parentOf(exchange),
      protocol: exchange.client.version,
    },
  };
}
