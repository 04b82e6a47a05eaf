import { openPool } from "../db/mod.ts";
import type { ApiMethods } from "../egress/mod.ts";
import type { RolesConfig } from "../governance/mod.ts";
import { createKeeper, type EgressContext } from "../http/api/mod.ts";
import { AddressBans, Authenticator, Gate, type TokenVerifier } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { SecretBytes } from "../vault/mod.ts";
import { permits } from "./gateway_api.ts";
import { createRecorder } from "./identity_context.ts";

export interface EgressApiOptions {
  readonly instance: string;
  /** The login that may change people and secrets. */
  readonly vault: DatabaseAddress;
  readonly master: SecretBytes;
  readonly verify: TokenVerifier;
  readonly roles: () => RolesConfig;
  readonly upstreams: EgressContext["upstreams"];
  readonly clock: Clock;
  readonly log: Log;
}

/** The part of the API that changes something. */
export interface EgressApiPart {
  readonly methods: ApiMethods;
  close(): Promise<void>;
}

/** Whoever asked has given up by then. */
const STATEMENT_MS = 8000;
const LOCK_MS = 5000;
const IDLE_SECONDS = 60;

/** Makes it, without reaching for the database yet. */
export function createEgressApi(options: EgressApiOptions): EgressApiPart {
  const { vault, clock, log, instance, verify, master, upstreams } = options;
  const sql = openPool(vault, {
    max: 3,
    applicationName: "spgov egress api",
    statementTimeoutMs: STATEMENT_MS,
    lockTimeoutMs: LOCK_MS,
    idleTimeoutSeconds: IDLE_SECONDS,
  });
  // It hears of no revocations: whoever wants to change something is looked up each time.
  const gate = new Gate(
    new Authenticator({ verify, sql, clock, staleMs: 0 }),
    new AddressBans({ sql, clock }),
  );
  const record = createRecorder(clock, `${instance}/api`);
  return {
    methods: createKeeper({
      sql,
      authenticateApi: (token, address) => gate.admit(token, "api", address),
      permits: (caller, permission) => permits(options.roles(), caller, permission),
      context: (sql) => ({
        sql,
        clock,
        record,
        vault: { master, clock, record },
        upstreams,
      }),
      report: (route, error) =>
        log.error("A request of the API failed", { route, cause: messageOf(error) }),
    }),
    close: () => sql.end({ timeout: 1 }),
  };
}
