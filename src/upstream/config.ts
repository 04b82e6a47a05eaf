import type { ChildPlan, ChildServer } from "../confinement/mod.ts";

/** What both kinds of upstreams have. */
interface Common {
  /** Who shares a line: of one that is `shared` nobody is the holder. */
  readonly isolation: "shared" | "session" | "call";
  /** Bytes of one message. */
  readonly output_limit_bytes: number;
  /** Milliseconds without a message or an open request after which a line is ended. */
  readonly idle_ms: number;
  /** Failed starts in a row that the next call may try again at once; after that it waits. */
  readonly max_restarts: number;
}

/** A server that runs as a child process and speaks over its standard input and output. */
export interface StdioUpstream extends Common, ChildServer {
  readonly transport: "stdio";
  /** Variables with the names of the secrets that they are set to. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Whether nothing is run without a decision that egress has verified: see `LineGate.authorize`. */
  readonly needsDecision?: boolean;
}

/** A server somewhere else that speaks Streamable HTTP. */
export interface HttpUpstream extends Common {
  readonly transport: "http";
  readonly name: string;
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers whose value is a secret, after `prefix`. */
  readonly secret_headers: Readonly<
    Record<string, { readonly secret: string; readonly prefix: string }>
  >;
  readonly timeout_ms: number;
  /** Certificates (PEM) of an authority that it is trusted by, beside the well-known ones. */
  readonly ca?: string | undefined;
}

export type UpstreamConfig = StdioUpstream | HttpUpstream;

/** Which servers there are, and how those that are children are started. */
export interface UpstreamSetup {
  readonly servers: readonly UpstreamConfig[];
  /** The program that starts children, by the name of their server; see `src/confinement`. */
  readonly launcher: string;
  readonly plans: readonly ChildPlan[];
}
