import type { EventInput } from "../../audit/mod.ts";
import type { Configuration } from "../../config/mod.ts";
import type { Pool, Sql } from "../../db/mod.ts";
import type { UpstreamLogLine, UpstreamStatus } from "../../egress/mod.ts";
import type { IdentityContext } from "../../identity/mod.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { McpServerRules } from "../../mcp/mod.ts";
import type { VaultContext } from "../../vault/mod.ts";

/** The configuration as routes may show it: without what starts servers and what opens the database. */
export interface ApiConfiguration extends Omit<Configuration, "mcp" | "identity"> {
  readonly mcp: readonly McpServerRules[];
}

/** What reading takes. */
export interface GatewayContext {
  /** Apart from the pool that lets callers in: a slow list must not keep others out. */
  readonly sql: Pool;
  readonly clock: Clock;
  readonly configuration: ApiConfiguration;
}

/** The servers behind the gateway, as far as operators look after them. */
export interface UpstreamCare {
  /** Every enabled server with a transport that egress speaks. */
  status(): readonly UpstreamStatus[];
  /** The last lines that the server's children wrote to standard error, oldest first. */
  logs(server: string): readonly UpstreamLogLine[];
  /** Ends the server's lines as `drained` and forgets its failures. Answers how many were ended. */
  restart(server: string): number;
}

/** What changing takes. `sql` may be a transaction: then all that a request changes is one. */
export interface EgressContext extends IdentityContext {
  readonly vault: Pick<VaultContext, "master" | "clock"> & {
    /** Writes rows in the transaction of what they tell of. */
    record(sql: Sql, events: readonly EventInput[]): Promise<void>;
  };
  readonly upstreams: UpstreamCare;
}
