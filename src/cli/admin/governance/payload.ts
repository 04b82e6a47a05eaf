import type { Caller, Request } from "../../../governance/mod.ts";
import { newTraceId } from "../../../kernel/ids.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { type HookEvent, type HookParse, parseHook } from "../../../plugins/mod.ts";

/** Who calls, in place of what a token would say. */
export interface AssumedCaller {
  readonly user: string;
  readonly role: Tier;
  /** Goes before the agent that the payload names. */
  readonly agent?: string;
  readonly department?: string;
  readonly plugin?: string;
}

/** A hook's payload as the governor sees it. */
export interface AssumedCall {
  readonly caller: Caller;
  readonly request: Request;
  /** Undefined where the payload is no valid hook call: the caller carries why. */
  readonly event: HookEvent | undefined;
}

/** Translates a payload as the hook endpoints do, for a caller of the operator's choice. */
export function assumeCall(payload: unknown, assumed: AssumedCaller): AssumedCall {
  const parsed = parseAnywhere(payload);
  const event = parsed.ok ? parsed.event : undefined;
  return {
    event,
    caller: {
      correlation: {
        userId: assumed.user,
        sessionId: "dry-run",
        taskId: event?.toolUseId ?? "none",
        contextId: event?.clientSessionId ?? "none",
        clientId: "spgov-cli",
        traceId: newTraceId(),
      },
      tier: assumed.role,
      department: assumed.department,
      ...!parsed.ok && {
        failure: { policy: "invalid_request", rule: parsed.rule, reason: parsed.reason },
      },
    },
    request: {
      surface: "hook",
      event: parsed.ok ? parsed.event.name : parsed.event ?? "unknown",
      target: event?.target ?? "unknown",
      tool: event?.tool ?? "",
      input: event?.input ?? null,
      inputPath: event?.inputPath ?? "$",
      agent: assumed.agent ?? event?.agent,
      plugin: assumed.plugin,
      context: event?.context ?? {},
    },
  };
}

/** Each event has its endpoint; here there is no wrong one. */
function parseAnywhere(payload: unknown): HookParse {
  const parsed = parseHook(payload, "govern");
  return parsed.ok || parsed.rule !== "wrong_endpoint" ? parsed : parseHook(payload, "track");
}
