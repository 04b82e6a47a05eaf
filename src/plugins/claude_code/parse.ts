import {
  belongsTo,
  type HookEvent,
  type HookKind,
  type HookOutcome,
  type HookParse,
  type HookRefusal,
  type HookSurface,
  kindOf,
} from "./event.ts";
import { type Body, isName, isObject, keepRest, read } from "./fields.ts";

/** Fields that name something; where present they must be names. */
const NAMES = ["session_id", "tool_use_id", "agent_id", "agent_type"] as const;

/**
 * Translates the JSON body of a hook call. Strict about the fields a decision rests on, indifferent
 * to all others, which it keeps.
 */
export function parseHook(body: unknown, surface: HookSurface): HookParse {
  if (!isObject(body)) {
    return refuse(undefined, "invalid_body", "The hook body must be a JSON object");
  }
  const name = read(body, "hook_event_name");
  if (name === undefined) {
    return refuse(undefined, "missing_event", "The hook body has no hook_event_name");
  }
  const kind = typeof name === "string" ? kindOf(name) : undefined;
  if (typeof name !== "string" || kind === undefined) {
    return refuse(undefined, "unknown_event", "The hook body names an event that is not known");
  }
  if (!belongsTo(kind, surface)) {
    return refuse(name, "wrong_endpoint", `${name} does not belong to the ${surface} endpoint`);
  }
  const bad = NAMES.find((field) => !isOptionalName(read(body, field)));
  if (bad !== undefined) return refuseName(name, bad);
  return readEvent(body, name, kind);
}

function readEvent(body: Body, name: string, kind: HookKind): HookParse {
  switch (kind) {
    case "tool":
    case "permission":
      return readToolCall(body, name, kind);
    case "prompt":
      return readPrompt(body, name);
    case "outcome":
      return readOutcome(body, name);
    case "observe":
      return accept(body, { name, kind, target: `event:${name}`, tool: "" });
  }
}

function readToolCall(body: Body, name: string, kind: HookKind): HookParse {
  const tool = read(body, "tool_name");
  if (!isName(tool)) return refuseName(name, "tool_name");
  if (!isObject(read(body, "tool_input"))) {
    return refuse(name, "invalid_field", "tool_input must be a JSON object");
  }
  return accept(body, { name, kind, target: targetOfTool(tool), tool }, "tool_input");
}

function readPrompt(body: Body, name: string): HookParse {
  if (typeof read(body, "prompt") !== "string") {
    return refuse(name, "invalid_field", "prompt must be a string");
  }
  return accept(body, { name, kind: "prompt", target: "prompt", tool: "" }, "prompt");
}

function readOutcome(body: Body, name: string): HookParse {
  const tool = read(body, "tool_name");
  if (!isName(tool)) return refuseName(name, "tool_name");
  const failed = name === "PostToolUseFailure";
  const field = failed ? "error" : "tool_response";
  const result = read(body, field);
  if (failed && typeof result !== "string") {
    return refuse(name, "invalid_field", "error must be a string");
  }
  const outcome = failed ? outcomeOfFailure(body, String(result)) : outcomeOfResponse(result);
  const target = targetOfTool(tool);
  return accept(body, { name, kind: "outcome", target, tool, outcome }, field);
}

function outcomeOfFailure(body: Body, error: string): HookOutcome {
  if (read(body, "is_interrupt") === true) return "cancelled";
  return /\btimed out after\b/i.test(error.slice(0, 1000)) ? "timeout" : "error";
}

function outcomeOfResponse(response: unknown): HookOutcome {
  return isObject(response) && read(response, "interrupted") === true ? "cancelled" : "ok";
}

type Head = Pick<HookEvent, "name" | "kind" | "target" | "tool" | "outcome">;

function accept(body: Body, head: Head, inputField?: string): HookParse {
  const agentField = read(body, "agent_type") === undefined ? "agent_id" : "agent_type";
  const taken = ["hook_event_name", "session_id", "tool_use_id", agentField];
  if (head.tool !== "") taken.push("tool_name");
  if (inputField !== undefined) taken.push(inputField);
  const event: HookEvent = {
    ...head,
    input: inputField === undefined ? null : read(body, inputField) ?? null,
    inputPath: inputField === undefined ? "$" : `$.${inputField}`,
    agent: readName(body, agentField),
    toolUseId: readName(body, "tool_use_id"),
    clientSessionId: readName(body, "session_id"),
    context: keepRest(body, taken),
  };
  return { ok: true, event };
}

/**
 * `mcp__github__create_issue` is `mcp:github/create_issue`, anything else `tool:<name>`. The server
 * ends at the first double underscore, as it does in the client.
 */
export function targetOfTool(tool: string): string {
  const match = /^mcp__([\w.-]+?)__([\w.-]+)$/.exec(tool);
  return match === null ? `tool:${tool}` : `mcp:${match[1]}/${match[2]}`;
}

function readName(body: Body, field: string): string | undefined {
  const value = read(body, field);
  return isName(value) ? value : undefined;
}

function isOptionalName(value: unknown): boolean {
  return value === undefined || isName(value);
}

function refuseName(event: string, field: string): HookRefusal {
  const must = "must be a string of 1 to 256 characters without control characters";
  return refuse(event, "invalid_field", `${field} ${must}`);
}

function refuse(
  event: string | undefined,
  rule: HookRefusal["rule"],
  reason: string,
): HookRefusal {
  return { ok: false, rule, reason, event };
}
