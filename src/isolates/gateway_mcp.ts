import { listen, type Pool } from "../db/mod.ts";
import type { UpstreamMethods } from "../egress/mod.ts";
import type { Governor, Rules } from "../governance/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { systemClock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { createSelfServer } from "../mcp/builtin/mod.ts";
import { createMcpGateway, type McpGateway } from "../mcp/gateway/mod.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";

/** Where the database says that the approval of a tool has changed. */
const APPROVALS = "spgov_mcp_tools";

export interface GatewayMcpOptions {
  readonly index: number;
  readonly database: DatabaseAddress;
  readonly sql: Pool;
  readonly log: Log;
  readonly governor: Governor;
  readonly rules: () => Rules;
  readonly configuration: () => GatewayConfiguration;
  readonly openLine: UpstreamMethods["openLine"];
}

/** The MCP side of a gateway, which hears of approvals. */
export function startGatewayMcp(options: GatewayMcpOptions): McpGateway {
  const { index, database, sql, log, governor, rules, configuration, openLine } = options;
  const mcp = createMcpGateway({
    index,
    sql,
    log,
    governor,
    openLine,
    servers: () => configuration().mcp,
    scanner: () => rules().scanner,
    builtins: {
      self: (caller) =>
        createSelfServer({
          sql,
          clock: systemClock,
          limits: () => configuration().governance.limits,
        }, caller),
    },
  });
  const approvals = listen(database, {
    channel: APPROVALS,
    applicationName: `spgov gateway-${index} approvals`,
    onNotify: (server) => mcp.approvalsChanged(server),
    onReconnect: () => mcp.approvalsChanged(),
  });
  return {
    ...mcp,
    async close() {
      await approvals.stop();
      await mcp.close();
    },
  };
}
