import type { Configuration } from "../config/mod.ts";
import type { LineGateSetup } from "../mcp/mod.ts";
import type { OAuthConfig } from "../oauth/mod.ts";
import { activeServers } from "./mcp_servers.ts";

/** What of the configuration grants, and whoever shows a token, are verified by. */
export interface OAuthSetup extends LineGateSetup {
  readonly config: OAuthConfig;
}

/** What egress is given of the configuration for grants. */
export function oauthSetupOf({ oauth, mcp, governance, profile }: Configuration): OAuthSetup {
  const servers = activeServers(mcp, profile.development)
    .map(({ name, oauth, tools }) => ({ name, oauth, tools }));
  return { config: oauth, servers, roles: governance.roles, agents: governance.agents };
}
