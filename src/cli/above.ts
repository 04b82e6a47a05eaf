import type { Mail, MailOutcome, MailServer } from "../mail/mod.ts";

/** What the command line uses of the layer above it, passed in by `main.ts` and loaded when called. */
export interface Above {
  /** Starts the appliance in this process. */
  startService(options: ServiceOptions): Promise<RunningService>;
  /** What each isolate may do with this configuration. */
  listPermissions(options: ServiceOptions): Promise<Readonly<Record<string, PermissionView>>>;
  /** Hands a mail to the server, from an isolate that reaches nothing else. */
  deliverMail(server: MailServer, mail: Mail): Promise<MailOutcome>;
  /** Serves one of the MCP servers for demonstrations on standard input and output, until the input ends. */
  serveDemo(name: string): Promise<void>;
}

export interface ServiceOptions {
  readonly home: string;
  readonly profilePath: string;
  readonly services: string;
  readonly port: number | undefined;
  readonly databaseUrl: string | undefined;
  readonly onProgress?: (step: string) => void;
}

export interface RunningService {
  readonly url: string;
  readonly port: number;
  readonly database: "embedded" | "external";
  readonly gateways: number;
  readonly applied: readonly string[];
  stop(): Promise<void>;
}

export interface PermissionView {
  readonly net: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly env: readonly string[];
  readonly run: readonly string[];
}
