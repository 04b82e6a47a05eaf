/** What a hook event asks for: a decision before something runs, the outcome of it, or nothing. */
export type HookKind = "tool" | "prompt" | "permission" | "outcome" | "observe";

/** Which endpoint a body came to: `govern` decides, `track` only records. */
export type HookSurface = "govern" | "track";

export type HookOutcome = "ok" | "error" | "cancelled" | "timeout";

/** One hook call, translated. Nothing in it is trusted: the caller's identity comes from the token. */
export interface HookEvent {
  /** The client's event name, e.g. `PreToolUse`. */
  readonly name: string;
  readonly kind: HookKind;
  /** `tool:Bash`, `mcp:github/create_issue`, `prompt`, `event:Stop`. */
  readonly target: string;
  /** The tool's name as the client calls it; empty where no tool is involved. */
  readonly tool: string;
  /** What has to be examined: arguments, prompt or output. `null` for observed events. */
  readonly input: unknown;
  /** JSON path of `input` in the body: `$.tool_input`, `$.prompt`, `$.tool_response`, `$.error`, `$`. */
  readonly inputPath: string;
  /**
   * `agent_type` (the agent's name) where present, else `agent_id`. Claude Code's `agent_id` is a
   * random number of one subagent's run, so it names nobody; other clients send only `agent_id`.
   */
  readonly agent: string | undefined;
  readonly toolUseId: string | undefined;
  /** The body's `session_id`: worth recording, never to be trusted. */
  readonly clientSessionId: string | undefined;
  /**
   * Every other field, unknown ones too, cut to a bounded size. Raw: it may hold secrets (a
   * `PostToolUse` repeats `tool_input`) and has to be redacted before it is stored.
   */
  readonly context: Readonly<Record<string, unknown>>;
  /** How the tool call ended; only for `kind: "outcome"`. */
  readonly outcome?: HookOutcome;
}

/** A body that is no valid hook call. `event` is its event name where that much could be read. */
export interface HookRefusal {
  readonly ok: false;
  readonly rule:
    | "invalid_body"
    | "missing_event"
    | "unknown_event"
    | "wrong_endpoint"
    | "invalid_field";
  /** One sentence that repeats nothing of the body's values. */
  readonly reason: string;
  readonly event: string | undefined;
}

export type HookParse = { readonly ok: true; readonly event: HookEvent } | HookRefusal;

const GOVERNED: ReadonlyMap<string, HookKind> = new Map([
  ["PreToolUse", "tool"],
  ["PermissionRequest", "permission"],
  ["UserPromptSubmit", "prompt"],
]);

const OUTCOMES: ReadonlySet<string> = new Set(["PostToolUse", "PostToolUseFailure"]);

const OBSERVED: ReadonlySet<string> = new Set([
  "ConfigChange",
  "CwdChanged",
  "DirectoryAdded",
  "Elicitation",
  "ElicitationResult",
  "FileChanged",
  "InstructionsLoaded",
  "MessageDisplay",
  "Notification",
  "PermissionDenied",
  "PostCompact",
  "PostModelSwitch",
  "PostToolBatch",
  "PreCompact",
  "PreModelSwitch",
  "SessionEnd",
  "SessionStart",
  "Setup",
  "Stop",
  "StopFailure",
  "SubagentStart",
  "SubagentStop",
  "TaskCompleted",
  "TaskCreated",
  "TeammateIdle",
  "UserPromptExpansion",
  "WorktreeCreate",
  "WorktreeRemove",
]);

/** The kind of an event by its name, undefined for names that no known client uses. */
export function kindOf(name: string): HookKind | undefined {
  if (OUTCOMES.has(name)) return "outcome";
  return GOVERNED.get(name) ?? (OBSERVED.has(name) ? "observe" : undefined);
}

/** Whether events of this kind belong to this endpoint. Outcomes may come to either. */
export function belongsTo(kind: HookKind, surface: HookSurface): boolean {
  if (kind === "outcome") return true;
  return (kind === "observe") === (surface === "track");
}
