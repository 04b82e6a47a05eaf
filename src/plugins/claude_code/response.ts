import { type HookEvent, kindOf } from "./event.ts";
import { withhold } from "./withhold.ts";

/** The part of a decision that a client is told. */
export interface HookAnswer {
  readonly outcome: "allow" | "deny";
  readonly reason: string;
}

export interface HookResponseOptions {
  /**
   * `allow` approves the call in the client's place: its user is not asked. `defer` leaves it to the
   * client's own permission rules, which can still ask or refuse.
   */
  readonly onAllow: "allow" | "defer";
  /** The outcome event whose output a denial keeps from the model. */
  readonly withhold?: HookEvent;
}

type Reply = Record<string, unknown>;

/**
 * The response body for an event, as its contract wants it (always with HTTP status 200).
 * `event` is the event's name; undefined or unknown when the body could not be read.
 */
export function hookResponse(
  event: string | undefined,
  answer: HookAnswer,
  options: HookResponseOptions,
): Reply {
  if (answer.outcome === "allow") return allowReply(event, options);
  const reason = tagged(answer.reason);
  switch (event) {
    case "PreToolUse":
      return { hookSpecificOutput: denyToolUse(reason) };
    case "PermissionRequest":
      return specific(event, { decision: { behavior: "deny", message: reason } });
    case "UserPromptSubmit":
      return { ...block(reason), ...specific(event, { suppressOriginalPrompt: true }) };
    case "PostToolUse":
      return { ...block(reason), ...withheld(options.withhold, reason) };
    case "PostToolUseFailure":
      return block(reason);
    default:
      return denyUnknown(event, reason);
  }
}

function allowReply(event: string | undefined, options: HookResponseOptions): Reply {
  const approve = options.onAllow === "allow";
  if (event === "PreToolUse") {
    return specific(event, approve ? { permissionDecision: "allow" } : {});
  }
  if (event === "PermissionRequest" && approve) {
    return specific(event, { decision: { behavior: "allow" } });
  }
  return {};
}

/**
 * Denies whatever event it was. Clients that run PreToolUse read the first part, all other events
 * that can be blocked read `decision`; PermissionRequest takes neither and counts it as a failed
 * hook, which blocks with `onFailure: "block"`. Events that only observe get no `decision`: blocking
 * a Stop would keep the agent running.
 */
function denyUnknown(event: string | undefined, reason: string): Reply {
  const observed = event !== undefined && kindOf(event) === "observe";
  return { ...(observed ? {} : block(reason)), hookSpecificOutput: denyToolUse(reason) };
}

function denyToolUse(reason: string): Reply {
  return {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: reason,
  };
}

/** The tool has run; what can still be done is to keep its output from the model. */
function withheld(event: HookEvent | undefined, reason: string): Reply {
  if (event === undefined || event.name !== "PostToolUse") return {};
  const output = withhold(event);
  if (output === undefined) return { continue: false, stopReason: reason };
  return specific("PostToolUse", { updatedToolOutput: output });
}

function block(reason: string): Reply {
  return { decision: "block", reason };
}

function specific(event: string, fields: Reply): Reply {
  return { hookSpecificOutput: { hookEventName: event, ...fields } };
}

function tagged(reason: string): string {
  return reason.startsWith("[GOVERNANCE] ") ? reason : `[GOVERNANCE] ${reason}`;
}
