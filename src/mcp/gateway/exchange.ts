import type { Caller, Failure } from "../../governance/mod.ts";
import { newTraceId, parentSpanOf, traceIdOf } from "../../kernel/ids.ts";
import type { Tier } from "../../kernel/tiers.ts";
import type { ClientProfile } from "./era.ts";
import {
  objectAt,
  type Params,
  type RpcNotification,
  type RpcRequest,
  stringAt,
} from "./message.ts";
import type { Ask } from "./upstream.ts";

/** Who holds the token that a request came with. */
export interface McpCaller {
  readonly userId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly tier: Tier;
  readonly department: string | undefined;
  readonly departments?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly keyScopes?: readonly string[] | undefined;
  readonly agent: string | undefined;
  readonly scopes: readonly string[];
}

/** One request of a client, whatever era it speaks and however it came. */
export interface Exchange {
  readonly caller: McpCaller;
  /** The access token that the caller is known by: egress believes that and nothing else. Never written down. */
  readonly token: string | undefined;
  readonly client: ClientProfile;
  /** The name of the server that was addressed, or `all`. */
  readonly endpoint: string;
  /** Names whose upstreams this client's are. Says nothing to anybody. */
  readonly sessionKey: string;
  readonly request: RpcRequest;
  readonly headers: Headers;
  /** The client's address, behind trusted proxies. */
  readonly address: string;
  /** Aborted when the client does not wait for the answer any more. */
  readonly signal: AbortSignal;
  /** Sends the client a notification that belongs to this request. */
  readonly notify: (notification: RpcNotification) => void;
  /** Asks the client something meanwhile, where its era can be asked. */
  readonly ask?: Ask;
}

/** Where Claude Code writes the id that its hooks call the tool use by. */
const TOOL_USE_ID = "claudecode/toolUseId";

/** The caller as the governor takes it. */
export function callerOf(exchange: Exchange, failure?: Failure): Caller {
  const { caller, request, headers } = exchange;
  const meta = objectAt(request.params, "_meta");
  return {
    correlation: {
      userId: caller.userId,
      sessionId: caller.sessionId,
      clientId: caller.clientId,
      taskId: stringAt(meta, TOOL_USE_ID)?.slice(0, 128) ?? "none",
      contextId: exchange.sessionKey,
      traceId: traceOf(meta, headers),
    },
    tier: caller.tier,
    department: caller.department,
    departments: caller.departments,
    groups: caller.groups,
    keyScopes: caller.keyScopes,
    agent: caller.agent,
    ...failure && { failure },
  };
}

/** The client's span that a request belongs to, where it says. */
export function parentOf({ request, headers }: Exchange): string | undefined {
  const own = stringAt(objectAt(request.params, "_meta"), "traceparent");
  return parentSpanOf(traceIdOf(own) === undefined ? headers.get("traceparent") : own);
}

const traces = new WeakMap<Params, string>();

/** The client's trace id; without one, the same new one for everything about this request. */
function traceOf(meta: Params, headers: Headers): string {
  const known = traceIdOf(stringAt(meta, "traceparent")) ??
    traceIdOf(headers.get("traceparent"));
  if (known) return known;
  const key = headers as unknown as Params;
  let made = traces.get(key);
  if (!made) traces.set(key, made = newTraceId());
  return made;
}
