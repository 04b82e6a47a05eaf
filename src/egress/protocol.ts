import type { ApiMethods } from "./api_protocol.ts";
import type { ScimMethods } from "./scim_protocol.ts";
import type { OAuthMethods } from "./oauth_protocol.ts";

/** Which upstream process or session a line leads to. */
export interface LineRequest {
  /** The name of the server's file in `services/mcp`. */
  readonly server: string;
  /** Which process of the server: "shared", the session's or the call's id. For logs and status. */
  readonly key: string;
  /**
   * The access token that the caller showed; egress verifies it and finds out whose secrets it opens.
   * Undefined where nobody in particular calls.
   */
  readonly token: string | undefined;
}

/** What a call shows where egress lets nothing run without a decision: whose it is, and which row allows it. */
export interface CallProof {
  /** The caller's access token. */
  readonly token: string;
  /** Id of the decision. */
  readonly callId: string;
}

/**
 * How far a child is confined: name spaces of its own (`bwrap`), a user of its own (`uid`), neither
 * (`none`), or it is no child but another host (`remote`).
 */
export type Confinement = "bwrap" | "uid" | "none" | "remote";

/** What a line leads to, once it is open. */
export interface LineOpened {
  readonly confinement: Confinement;
}

/** Gateway → egress over a line's port. `connectLine` speaks this. */
export type LineCommand =
  | {
    readonly kind: "message";
    /** A JSON-RPC message. */
    readonly message: unknown;
    /** Header fields of this message for an HTTP upstream, e.g. `mcp-protocol-version`; stdio ignores them. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly proof?: CallProof;
  }
  /** So many bytes of messages were worked off: as many more may come. */
  | { readonly kind: "taken"; readonly bytes: number }
  | { readonly kind: "close" };

/** Why a line ended: the last thing that comes over it. */
export interface LineClosed {
  readonly kind: "closed";
  /**
   * `exited` the process or session ended by itself; `failed` it could not be started or reached;
   * `limit` it sent or left unread more than it may; `garbage` what it sent is no message; `drained` its
   * configuration changed, it was restarted by the operator, lay idle, or the session that it was opened for
   * ended; `unavailable` egress went away.
   */
  readonly code: "exited" | "failed" | "limit" | "garbage" | "drained" | "unavailable";
  /** One sentence, without any injected value. */
  readonly reason: string;
}

/** A message of the upstream. */
export interface LineMessage {
  readonly kind: "message";
  /** A JSON-RPC message, injected values redacted. */
  readonly message: unknown;
  /** UTF-8 bytes on the wire. */
  readonly bytes: number;
  /** Names of the secrets whose values were redacted from it. */
  readonly redacted: readonly string[];
}

/** Egress → gateway over a line's port. */
export type LineEvent = LineMessage | LineClosed;

/** How one configured server is doing in this egress. */
export interface UpstreamStatus {
  readonly server: string;
  readonly transport: "stdio" | "http";
  /**
   * `idle` nothing is open, `running` lines are open, `waiting` it failed and is not tried again before
   * `retryAt`, `unstartable` its command is not there or the host cannot confine it as far as it demands.
   */
  readonly state: "idle" | "running" | "waiting" | "unstartable";
  readonly confinement: Confinement;
  /** Lines open now. */
  readonly lines: number;
  /** Process ids of its children, as the host counts. */
  readonly pids: readonly number[];
  /** Starts since egress itself started, and how many of them failed or ended badly. */
  readonly starts: number;
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly retryAt?: number;
  readonly lastFailure?: { readonly at: number; readonly code: string; readonly reason: string };
}

/** A line that a child wrote to its standard error, injected values redacted. */
export interface UpstreamLogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The `key` of the line that the child belongs to. */
  readonly key: string;
  readonly text: string;
}

/** What a gateway may ask of egress about the servers behind it. */
export interface UpstreamMethods {
  /**
   * Starts a child, or a session with a remote server, that `port` speaks to from then on. Rejects with
   * `not_found` (no such server), `forbidden` (the token is not good there), `unavailable` (it cannot be
   * started, or not yet again) or `invalid` (a secret is missing, or the host cannot confine it as far as
   * demanded).
   */
  openLine(request: LineRequest, port: MessagePort): Promise<LineOpened>;
}

/**
 * What a gateway may ask of egress. There is no message that answers with a credential or a key: the
 * isolate that holds a model's context cannot ask for one.
 */
export interface EgressMethods<Verified>
  extends UpstreamMethods, OAuthMethods, ApiMethods, ScimMethods {
  /** Verifies a token's signature and claims for one audience. */
  verifyToken(token: string, audience: string): Promise<Verified>;
}
