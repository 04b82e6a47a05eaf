import type { Configuration } from "../config/mod.ts";
import type { EgressMethods } from "../egress/mod.ts";
import type { IdentityConfig } from "../federation/config/mod.ts";
import type { People, VerifyResult } from "../identity/mod.ts";
import type { Consents } from "../oauth/mod.ts";
import type { OwnLogin, OwnLoginRole } from "../db/mod.ts";
import type { SchedulerConfig } from "../jobs/config/mod.ts";
import type { UpstreamSetup } from "../upstream/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import type { OAuthSetup } from "./oauth_setup.ts";
import type { LogsSetup } from "./logs_setup.ts";
import type { SinkSecretNames } from "./sink_secrets.ts";
import type { GatewayConfiguration } from "./gateway_configuration.ts";
import type { MetricsSource } from "./metrics_hub.ts";
import type { TelemetrySetup } from "./telemetry_setup.ts";
import type { LogLevels } from "../kernel/log.ts";
import type { Diagnostic } from "../kernel/config_file.ts";

/** The isolates beside the supervisor. Gateways carry a number: `gateway-0`, … */
export type IsolateName =
  | "configuration"
  | "gateway"
  | "egress"
  | "documents"
  | "jobs"
  | "logs"
  | "mail"
  | "telemetry";

/** Who we are to whoever reads the rows: stands in writer names and token issuers. */
export interface Identity {
  /** Id of this installation (a UUID, kept in the home). */
  readonly instance: string;
  /** Until the isolate that keeps the lines says otherwise. */
  readonly logLevels: LogLevels;
}

/** An isolate whose lines are kept by another one. */
export interface LoggingApi {
  /** Hands its lines over `port` from now on. */
  useLog(port: MessagePort): void;
}

export type LoadResult =
  | { readonly ok: true; readonly value: Configuration }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ConfigurationPlaces {
  readonly profilePath: string;
  /** The folder `services/`. */
  readonly services: string;
}

/** Reads and checks the configuration. Holds nothing else, and ends when it has answered. */
export interface ConfigurationApi {
  load(places: ConfigurationPlaces): Promise<LoadResult>;
}

export interface GatewayStart extends Identity {
  readonly index: number;
  readonly database: DatabaseAddress;
  readonly configuration: GatewayConfiguration;
  readonly address: string;
  readonly port: number;
  /** Keys the fingerprints of secrets found; opens nothing. */
  readonly fingerprintKey: Uint8Array;
  readonly egress: MessagePort;
  /** Serves `MetricsHub`. */
  readonly metrics: MessagePort;
}

export interface GatewayStats {
  readonly rows: number;
  readonly batches: number;
  readonly waiting: number;
  readonly shed: number;
  readonly expired: number;
  readonly state: string;
  readonly requests: number;
  readonly heapBytes: number;
}

export interface GatewayApi extends MetricsSource, LoggingApi {
  /** Resolves with the port once it listens. */
  start(options: GatewayStart): Promise<{ readonly port: number }>;
  reload(configuration: GatewayConfiguration): Promise<void>;
  /** Speaks to an egress that was started again. */
  useEgress(port: MessagePort): void;
  /** Hands requests over to the gateway of this index, and takes those that it hands over. */
  addPeer(index: number, port: MessagePort): void;
  stats(): GatewayStats;
  /** Stops listening, answers what is under way, closes the audit. */
  stop(): Promise<void>;
}

export interface EgressStart extends Identity {
  readonly home: string;
  readonly database: DatabaseAddress;
  /** The login that may read what is sealed; given to no other isolate. */
  readonly vault: DatabaseAddress;
  readonly upstreams: UpstreamSetup;
  readonly oauth: OAuthSetup;
  /** Identity providers, with the certificates of their authorities instead of the names of files. */
  readonly providers: IdentityConfig;
  /** Serves `DocumentsApi`. */
  readonly documents: MessagePort;
}

/**
 * What a gateway may ask of egress: servers and grants, who somebody at a browser is, and what they agree to. No
 * message answers with a credential or a key.
 */
export interface EgressServices extends EgressMethods<VerifyResult>, Consents, People {}

export interface EgressApi extends MetricsSource, LoggingApi {
  /** Reads the master key; hands out only what opens nothing. */
  start(options: EgressStart): Promise<{ readonly fingerprintKey: Uint8Array }>;
  /** Serves the gateway of that name on `port`. What the one before it had open is ended. */
  attach(port: MessagePort, gateway: string): void;
  /** Serves `JobKeys` on `port`: the isolate of jobs holds no key. */
  attachJobs(port: MessagePort): void;
  /** Takes other upstream servers; lines to those that changed or are gone are drained. */
  configure(upstreams: UpstreamSetup): void;
  /** Takes another configuration of the authorization server. */
  configureOAuth(setup: OAuthSetup): void;
  /** Takes other identity providers. */
  configureProviders(config: IdentityConfig): void;
  /** Gives out on `port` the credentials of log collectors, by the secrets' names. */
  giveSinkSecrets(port: MessagePort, names: SinkSecretNames): void;
  /** Stops signing seals, so that another isolate can go on with it. */
  stopSealing(): Promise<void>;
  /** Starts signing seals; refuses when the database is behind the last seal that left it. */
  startSealing(): Promise<void>;
  stop(): Promise<void>;
}

export interface JobsStart extends Identity {
  /** The folder for backups. */
  readonly backups: string;
  readonly database: DatabaseAddress;
}

export interface JobsApi extends MetricsSource, LoggingApi {
  /** Brings the database up to date and checks what durability rests on. */
  prepare(options: JobsStart): Promise<{ readonly applied: readonly string[] }>;
  /** Makes a login of this installation's own on an external server, with the rights of `role`. */
  makeLogin(role: OwnLoginRole): Promise<OwnLogin>;
  /** Asks that port for what takes keys; serves `JobKeys`. */
  useKeys(port: MessagePort): void;
  /** Starts the scheduler. */
  run(config: SchedulerConfig): void;
  /** Takes another configuration of the scheduler. */
  configure(config: SchedulerConfig): void;
  stop(): Promise<void>;
}

export interface LogsStart extends Pick<Identity, "instance"> {
  readonly home: string;
  /** A login that may append lines and read the audit. */
  readonly database: DatabaseAddress;
  readonly setup: LogsSetup;
  /** Keys the fingerprints of secrets found; opens nothing. */
  readonly fingerprintKey: Uint8Array;
}

export interface LogsApi extends MetricsSource {
  start(options: LogsStart): void;
  /** Takes the lines of the isolate of that name over `port`, in the place of the one before. */
  attach(name: string, port: MessagePort): void;
  configure(setup: LogsSetup): void;
  /** Asks for credentials of collectors over `port`. */
  useSecrets(port: MessagePort): void;
  /** Keeps what was taken, then ends. */
  stop(): Promise<void>;
}

export interface TelemetryStart extends Identity {
  readonly database: DatabaseAddress;
  readonly setup: TelemetrySetup;
  /** Serves `MetricsHub`. */
  readonly metrics: MessagePort;
}

/** Sends traces and metrics from its start on. */
export interface TelemetryApi extends LoggingApi, MetricsSource {
  start(options: TelemetryStart): void;
  stop(): Promise<void>;
}
