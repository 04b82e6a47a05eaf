import { type AuditWriter, eventRow } from "../audit/mod.ts";
import type { UpstreamMethods } from "../egress/mod.ts";
import { hasPermission } from "../governance/mod.ts";
import type { McpServersDependencies } from "../http/mod.ts";
import type { Authentication } from "../http/mod.ts";
import type { Gate } from "../identity/mod.ts";
import { scopesReach } from "../kernel/key_scopes.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";

export interface GatewayApiOptions {
  readonly gate: Gate;
  readonly writer: AuditWriter;
  readonly configuration: () => GatewayConfiguration;
  readonly egress: () => UpstreamMethods;
}

/** What the routes below `/api/v1` are given. */
export function createGatewayApi(
  { gate, writer, configuration, egress }: GatewayApiOptions,
): McpServersDependencies {
  return {
    authenticateApi: (token, address) => authenticate(gate, token, address),
    permits: ({ tier, keyScopes }, permission) =>
      scopesReach(keyScopes, permission) &&
      hasPermission(configuration().governance.roles, tier, permission),
    mcpServers: {
      status: () => egress().upstreamStatus(),
      logs: (server) => egress().upstreamLogs(server),
      restart: (server) => egress().restartUpstream(server),
      async recordRestart({ userId, sessionId, clientId, tier }, server) {
        const row = eventRow({
          kind: "admin",
          userId,
          sessionId,
          clientId,
          role: tier,
          surface: "api",
          target: `mcp:${server}`,
          decision: "ok",
          detail: { event: "server_restarted", server },
        }, writer.stamp());
        await writer.commit({ row, charges: [] });
      },
    },
  };
}

async function authenticate(
  gate: Gate,
  token: string | undefined,
  address: string,
): Promise<Authentication> {
  const who = await gate.admit(token, "api", address);
  if (who.ok) return who;
  const kind = who.kind === "unavailable" ? "unavailable" : "refused";
  return { ok: false, kind, rule: who.rule, reason: who.reason };
}
