import { openPool } from "../db/mod.ts";
import type { FederationMethods } from "../egress/mod.ts";
import type { IdentityConfig } from "../federation/config/mod.ts";
import { createFederation } from "../federation/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import type { Log } from "../kernel/log.ts";
import type { Vault } from "../vault/mod.ts";
import { createIdentityContext } from "./identity_context.ts";

export interface EgressFederationOptions {
  readonly instance: string;
  /** The login that may connect accounts and make users of them; no gateway's may. */
  readonly vault: DatabaseAddress;
  readonly openVault: Vault;
  readonly providers: IdentityConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** The client of identity providers. */
export interface EgressFederation {
  readonly methods: FederationMethods;
  configure(config: IdentityConfig): void;
  close(): Promise<void>;
}

/** Whoever asked has given up by then. */
const STATEMENT_MS = 5000;

/** Makes it, without reaching for the database or a provider yet. */
export function createEgressFederation(options: EgressFederationOptions): EgressFederation {
  const { clock, log, instance } = options;
  let config = options.providers;
  const sql = openPool(options.vault, {
    max: 2,
    applicationName: "spgov egress federation",
    statementTimeoutMs: STATEMENT_MS,
    lockTimeoutMs: STATEMENT_MS,
  });
  return {
    methods: createFederation({
      identity: createIdentityContext(sql, clock, `${instance}/egress/federation`),
      vault: options.openVault,
      log,
      config: () => config,
    }),
    configure: (next) => void (config = next),
    close: () => sql.end({ timeout: 1 }),
  };
}
