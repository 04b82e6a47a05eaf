import type { Pool } from "../db/mod.ts";
import type { ApiMethods } from "../egress/mod.ts";
import { hasPermission, type RolesConfig } from "../governance/mod.ts";
import type { ApiDependencies } from "../http/mod.ts";
import type { Authenticated, Gate } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import { inTime } from "../kernel/in_time.ts";
import { scopesReach } from "../kernel/key_scopes.ts";
import type { Log } from "../kernel/log.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";

export interface GatewayApiOptions {
  readonly gate: Gate;
  /** Of the API alone. */
  readonly sql: Pool;
  readonly clock: Clock;
  readonly log: Log;
  readonly configuration: () => GatewayConfiguration;
  readonly egress: () => ApiMethods;
}

/** Milliseconds that the isolate which does the work may take. */
const EGRESS_MS = 10_000;

/** What the routes below `/api/v1` are given. */
export function createGatewayApi(
  { gate, sql, clock, log, configuration, egress }: GatewayApiOptions,
): ApiDependencies {
  return {
    authenticateApi: (token, address) => gate.admit(token, "api", address),
    permits: (caller, permission) => permits(configuration().governance.roles, caller, permission),
    apiContext: () => ({ sql, clock, configuration: configuration() }),
    keeper: {
      callApi: (call) =>
        inTime(egress().callApi(call), EGRESS_MS, "Egress does not answer in time"),
    },
    reportApi: (route, error) =>
      log.error("A request of the API failed", { route, cause: messageOf(error) }),
  };
}

/** What a caller may: what its role may, as far as the key reaches that it calls with. */
export function permits(
  roles: RolesConfig,
  { tier, keyScopes }: Authenticated,
  permission: string,
): boolean {
  return hasPermission(roles, tier, permission) && scopesReach(keyScopes, permission);
}
