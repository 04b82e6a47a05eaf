import type { Pool } from "../db/mod.ts";
import type { OAuthMethods } from "../egress/mod.ts";
import { baseUrlOf, type OAuthDependencies } from "../http/mod.ts";
import type { AddressBans, SessionUses } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTime } from "../kernel/in_time.ts";
import {
  type Consents,
  createClientFinder,
  createInteractions,
  findTokenHolder,
  personClaims,
  PublicKeys,
  RateWindow,
  ResourceGate,
  type Servers,
} from "../oauth/mod.ts";
import { answerProblem } from "../ui/mod.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";
import { createServers } from "../mcp/mod.ts";

export interface GatewayOAuthOptions {
  readonly sql: Pool;
  readonly clock: Clock;
  readonly bans: AddressBans;
  readonly uses: SessionUses;
  readonly port: number;
  readonly configuration: () => GatewayConfiguration;
  /** The egress of now. */
  readonly egress: () => OAuthMethods & Consents;
}

/** The part of the authorization server that speaks HTTP, and the gate of the resources. */
export interface GatewayOAuth {
  readonly dependencies: OAuthDependencies;
  /** Wire it to the revocations. */
  readonly gate: ResourceGate;
}

const MINUTE_MS = 60_000;
/** Milliseconds that egress may take: with a database that answers it takes a few. */
const EGRESS_MS = 8000;
const LATE = "Egress does not answer in time";

export function createGatewayOAuth(options: GatewayOAuthOptions): GatewayOAuth {
  const { sql, clock, bans, uses, configuration, egress, port } = options;
  const keys = new PublicKeys({ load: () => egress().jwks(), clock });
  const servers = serversOf(configuration);
  const gate = new ResourceGate({ keys, sql, clock, bans, servers, uses });
  const perMinute = (limit: number) => new RateWindow(limit, MINUTE_MS, clock.monotonic);
  const dependencies: OAuthDependencies = {
    issuerOf: (request) =>
      baseUrlOf(request, { publicUrl: configuration().profile.server.public_url, port }),
    servers,
    config: () => configuration().oauth,
    getClient: createClientFinder({
      sql,
      documents: () => configuration().oauth.client_metadata_documents,
      fetchDocument: (id) => egress().fetchClientMetadata(id),
    }),
    interactions: createInteractions({
      sql,
      clock,
      consents: {
        next: (id, session) => inTime(egress().next(id, session), EGRESS_MS, LATE),
        complete: (id, form, decision) =>
          inTime(egress().complete(id, form, decision), EGRESS_MS, LATE),
      },
    }),
    isBanned: (address) => bans.ask(address),
    problemPage: (error) => answerProblem(undefined, error),
    grant: (request) => inTime(egress().grant(request), EGRESS_MS, LATE),
    register: (request) => inTime(egress().register(request), EGRESS_MS, LATE),
    jwks: () => keys.list(),
    authenticate: (token, resource, address) => gate.authenticate(token, resource, address),
    async findPerson(userId, scopes) {
      const holder = await findTokenHolder(sql, userId);
      return holder && personClaims(holder, scopes);
    },
    rates: {
      grants: perMinute(600),
      pages: perMinute(120),
      registrations: perMinute(20),
    },
  };
  return { dependencies, gate };
}

/** The resources of the configuration of now, computed once for each. */
function serversOf(configuration: () => GatewayConfiguration): () => Servers {
  let of: GatewayConfiguration | undefined;
  let servers: Servers | undefined;
  return () => {
    const now = configuration();
    if (!servers || of !== now) {
      of = now;
      servers = createServers({ servers: now.mcp, roles: now.governance.roles });
    }
    return servers;
  };
}
