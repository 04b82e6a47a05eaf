import type { Isolation, McpServerConfig, McpServerRules } from "../mcp/mod.ts";

/** The servers that run: those switched on, with the ones for development where this is one. */
export function activeServers<S extends Pick<McpServerConfig, "enabled" | "dev_only">>(
  servers: readonly S[],
  development: boolean,
): S[] {
  return servers.filter(({ enabled, dev_only }) => enabled && (!dev_only || development));
}

/** The part of a server's configuration that decides about calls. */
export function rulesOf(server: McpServerConfig): McpServerRules {
  return {
    name: server.name,
    description: server.description,
    enabled: server.enabled,
    dev_only: server.dev_only,
    display_in_web: server.display_in_web,
    timeout_ms: server.timeout_ms,
    concurrency: server.concurrency,
    output_limit_bytes: server.output_limit_bytes,
    pinning: server.pinning,
    trust_on_first_use: server.trust_on_first_use,
    oauth: server.oauth,
    tools: server.tools,
    transport: server.transport,
    isolation: isolationOf(server),
    builtin: server.transport === "builtin" ? server.builtin : undefined,
  };
}

/** Of the parts of the appliance, `self` is made for each caller; `admin` is the same for all. */
function isolationOf(server: McpServerConfig): Isolation {
  if (server.transport !== "builtin") return server.isolation;
  return server.builtin === "admin" ? "shared" : "call";
}
