import { uuidV7 } from "../kernel/ids.ts";
import type { Tier } from "../kernel/tiers.ts";

export type Surface = "hook" | "mcp" | "model" | "agent" | "api" | "cli";

/** The identifiers that bind a row to everything else; none of them may be missing. */
export interface Correlation {
  readonly userId: string;
  /** From the token, never from a body. */
  readonly sessionId: string;
  readonly taskId: string;
  /** 32 hexadecimal digits; the caller's W3C trace id when it sent one. */
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
}

/** Why a call is denied before any rule is asked. */
export interface Failure {
  readonly policy:
    | "auth_failure"
    | "invalid_request"
    | "secret_detection"
    | "scope_restriction"
    | "tool_blocklist";
  readonly rule: string;
  readonly reason: string;
}

/** Who calls, as far as it could be established. */
export interface Caller {
  readonly correlation: Correlation;
  /** Tier of the token, before an agent narrows it. */
  readonly tier: Tier;
  readonly department: string | undefined;
  /** Names from the department up to the top of the tree; the department alone unless given. */
  readonly departments?: readonly string[] | undefined;
  /** Names of the groups that the user is in. */
  readonly groups?: readonly string[] | undefined;
  /** What an API key reaches of what its tier may; not given: nothing narrows. */
  readonly keyScopes?: readonly string[] | undefined;
  /** The agent that the token is bound to. */
  readonly agent?: string | undefined;
  /** What failed when the caller or the request could not be established: the identity stage denies with it. */
  readonly failure?: Failure;
}

/** What is asked for. */
export interface Request {
  readonly surface: Surface;
  /** What happened at the client, e.g. `PreToolUse`; the verb elsewhere. */
  readonly event: string;
  /** `tool:Bash`, `mcp:github/create_issue`, `model:anthropic/claude-x`, `prompt`. */
  readonly target: string;
  /** The tool's name as the client calls it; empty for a prompt. */
  readonly tool: string;
  /** Arguments, prompt or output: any JSON value. */
  readonly input: unknown;
  /** JSON path that `input` has in the request, e.g. `$.tool_input`. */
  readonly inputPath: string;
  readonly agent: string | undefined;
  readonly plugin: string | undefined;
  /** What else the row should keep: cwd, client address, unknown fields. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** One governed call, as every stage sees it. Immutable. */
export interface Call extends Correlation, Request {
  /** UUIDv7; the decision's id. */
  readonly id: string;
  /** Milliseconds since the epoch at which the call arrived. */
  readonly receivedAt: number;
  readonly tokenTier: Tier;
  /** The agent that the token is bound to; `agent` is the one that acts, which a body may name. */
  readonly tokenAgent: string | undefined;
  readonly department: string | undefined;
  /** The department and those above it: what narrows one of them narrows the call. */
  readonly departments: readonly string[];
  readonly groups: readonly string[];
  readonly keyScopes: readonly string[] | undefined;
  readonly failure: Failure | undefined;
}

/** The only way to make a call: without all six identifiers there is none. */
export function createCall(caller: Caller, request: Request, receivedAt: number): Call {
  return {
    id: uuidV7(receivedAt),
    receivedAt,
    userId: caller.correlation.userId,
    sessionId: caller.correlation.sessionId,
    taskId: caller.correlation.taskId,
    traceId: caller.correlation.traceId,
    contextId: caller.correlation.contextId,
    clientId: caller.correlation.clientId,
    tokenTier: caller.tier,
    tokenAgent: caller.agent,
    department: caller.department,
    departments: caller.departments ??
      (caller.department === undefined ? [] : [caller.department]),
    groups: caller.groups ?? [],
    keyScopes: caller.keyScopes,
    failure: caller.failure,
    surface: request.surface,
    event: request.event,
    target: request.target,
    tool: request.tool,
    input: request.input,
    inputPath: request.inputPath,
    agent: request.agent ?? caller.agent,
    plugin: request.plugin,
    context: request.context,
  };
}
