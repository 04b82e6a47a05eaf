import { openPool } from "../db/mod.ts";
import type { FederationMethods, OAuthMethods } from "../egress/mod.ts";
import { createPasswordHasher, createPeople, type People } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { messageOf } from "../kernel/errors.ts";
import { createFailureLimiter } from "../kernel/failure_limiter.ts";
import type { Log } from "../kernel/log.ts";
import { pause } from "../kernel/pause.ts";
import { connect } from "../kernel/rpc.ts";
import {
  type Consents,
  createClientFinder,
  createConsents,
  createDocumentCache,
  createGrantEndpoints,
  createRegistrationEndpoint,
  RateWindow,
  type Servers,
  SigningKeys,
} from "../oauth/mod.ts";
import type { LineGate } from "../upstream/mod.ts";
import { deriveKey, type SecretBytes } from "../vault/mod.ts";
import type { DocumentsApi } from "./documents_api.ts";
import { createIdentityContext } from "./identity_context.ts";
import { createLineGate, createServers } from "../mcp/mod.ts";
import type { OAuthSetup } from "./oauth_setup.ts";

export interface EgressOAuthOptions {
  readonly instance: string;
  /** The login that may read what is sealed. */
  readonly vault: DatabaseAddress;
  readonly oauth: OAuthSetup;
  readonly documents: MessagePort;
  readonly federation: FederationMethods;
  readonly clock: Clock;
  readonly log: Log;
  readonly master: SecretBytes;
}

/** The part of the authorization server that holds keys. */
export interface EgressOAuth {
  readonly methods: OAuthMethods & Consents & People;
  /** Verifies who may have a line to a server. */
  readonly gate: LineGate;
  configure(setup: OAuthSetup): void;
  /** Keeps the signing keys in order until `signal` aborts. */
  run(signal: AbortSignal): void;
  close(): Promise<void>;
}

/** Whoever asked has given up by then. */
const STATEMENT_MS = 5000;
const UPKEEP_MS = 600_000;
const RETRY_MS = 5000;
const DAY_MS = 86_400_000;
/** Rows about refused grants of one client in a minute: whoever is refused cannot fill the audit. */
const FAILURES_PER_MINUTE = 60;

/** Makes it, without reaching for the database yet. */
export function createEgressOAuth(options: EgressOAuthOptions): EgressOAuth {
  const { clock, log, instance } = options;
  let setup = options.oauth;
  let servers: Servers = createServers(setup);
  const sql = openPool(options.vault, {
    max: 4,
    applicationName: "spgov egress oauth",
    statementTimeoutMs: STATEMENT_MS,
    lockTimeoutMs: STATEMENT_MS,
  });
  const identity = createIdentityContext(sql, clock, `${instance}/egress`);
  const keys = new SigningKeys({
    sql,
    clock,
    sealingKey: deriveKey(options.master, "oauth"),
    lifeMs: () => setup.config.key_days * DAY_MS,
  });
  options.documents.start();
  const documents = connect<DocumentsApi>(options.documents).remote;
  const fetchClientMetadata = createDocumentCache({ fetch: documents.fetchDocument, clock });
  const config = () => setup.config;
  const getClient = createClientFinder({
    sql,
    documents: () => setup.config.client_metadata_documents,
    fetchDocument: fetchClientMetadata,
  });
  const failures = new RateWindow(FAILURES_PER_MINUTE, 60_000, clock.monotonic);
  const signIns = createFailureLimiter(clock);
  const people = { ...identity, mayRecord: (address: string) => signIns.mayRecord(address) };
  const grants = { ...identity, keys, servers: () => servers, config, getClient, failures };
  let running: Promise<void> | undefined;
  return {
    gate: createLineGate({ sql, clock, keys, setup: () => setup }),
    methods: {
      grant: createGrantEndpoints(grants, log),
      register: createRegistrationEndpoint(identity, config, log),
      jwks: () => keys.listPublic(),
      fetchClientMetadata,
      ...createConsents({ ...identity, servers: () => servers }),
      ...createPeople(people, createPasswordHasher(), options.federation),
    },
    configure(next) {
      setup = next;
      servers = createServers(next);
    },
    run(signal) {
      running = keepKeys(keys, signal, log);
    },
    async close() {
      await running;
      options.documents.close();
      await sql.end({ timeout: 1 });
    },
  };
}

async function keepKeys(keys: SigningKeys, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    try {
      await keys.upkeep();
      await pause(UPKEEP_MS, signal);
    } catch (error) {
      log.error("The signing keys cannot be kept in order", { cause: messageOf(error) });
      await pause(RETRY_MS, signal);
    }
  }
}
