import type { Configuration } from "../config/mod.ts";
import type { McpServerRules } from "../mcp/mod.ts";
import { activeServers, rulesOf } from "./mcp_servers.ts";

/** The configuration as a gateway knows it. */
export interface GatewayConfiguration extends Omit<Configuration, "mcp" | "identity"> {
  readonly mcp: readonly McpServerRules[];
  /** Identity providers, as the sign-in page shows them. */
  readonly providers: readonly { readonly name: string; readonly title: string }[];
}

/**
 * What a gateway is given of the configuration. The database's addresses in the profile carry the owner's
 * password; a gateway is handed the serving login apart from them, and must not know another. How MCP
 * servers are started, and with which secrets, only egress needs to know.
 */
export function forGateway(
  { profile, mcp, identity, ...rest }: Configuration,
): GatewayConfiguration {
  const servers = activeServers(mcp, profile.development);
  return {
    ...rest,
    mcp: servers.map(rulesOf),
    profile: { ...profile, database: {} },
    providers: identity.providers.map(({ name, title }) => ({ name, title })),
  };
}
