import { kindOf } from "./event.ts";
import { isObject, read } from "./fields.ts";
import { authorizationOf, type FoundHook, hooksOf, listHooks } from "./found_hooks.ts";

/** Something that keeps a hook from doing what it is there for. */
export interface HookProblem {
  /** `error`: calls go ahead ungoverned, or nothing works. */
  readonly severity: "error" | "warning";
  /** Stable, e.g. `fails_open`. */
  readonly rule: string;
  /** Undefined where the whole file is meant. */
  readonly event: string | undefined;
  /** One sentence; no part of a token. */
  readonly message: string;
}

/** Events without which something happens that nobody decided about, and how bad that is. */
const GOVERNED = [
  ["PreToolUse", "error", "tool calls"],
  ["UserPromptSubmit", "warning", "prompts"],
  ["PermissionRequest", "warning", "permission prompts"],
] as const;

/** Events on which the client skips HTTP hooks silently. */
const SKIPPED: ReadonlySet<string> = new Set(["SessionStart", "Setup"]);
const TYPES: ReadonlySet<string> = new Set(["command", "http", "prompt", "agent", "mcp_tool"]);
const LONGEST_SECONDS = 600;

/**
 * What is wrong with the hooks of a settings file as far as the file alone tells: shapes that the client
 * refuses or ignores, hooks that fail open, send nothing or say not who they are.
 */
export function findHookProblems(settings: unknown): readonly HookProblem[] {
  const shape = shapeProblems(settings);
  const hooks = listHooks(settings);
  const ours = hooks.filter(({ endpoint }) => endpoint !== undefined);
  return [
    ...shape,
    ...hooks.flatMap(entryProblems),
    ...ours.flatMap((hook) => hook.type === "http" ? httpProblems(hook) : commandProblems(hook)),
    ...ours.length === 0 ? [] : missingEvents(ours),
    ...ours.length === 0 ? [] : switchedOff(settings, ours),
  ];
}

function problem(
  severity: HookProblem["severity"],
  rule: string,
  event: string | undefined,
  message: string,
): HookProblem {
  return { severity, rule, event, message };
}

function shapeProblems(settings: unknown): HookProblem[] {
  if (!isObject(settings)) {
    return [problem("error", "not_an_object", undefined, "The file is no JSON object")];
  }
  return Object.entries(hooksOf(settings) ?? {}).flatMap(([event, groups]) => {
    if (!Array.isArray(groups)) {
      return [problem("error", "not_a_list", event, `hooks.${event} must be a list of groups`)];
    }
    return groups.every((group) => isObject(group) && Array.isArray(read(group, "hooks"))) ? [] : [
      problem("error", "no_hooks_list", event, `A group of hooks.${event} has no list "hooks"`),
    ];
  });
}

/** What the client would refuse or misread in any hook, ours or not. */
function entryProblems({ event, type, entry }: FoundHook): HookProblem[] {
  const found: HookProblem[] = [];
  if (!TYPES.has(type)) {
    found.push(
      problem("error", "unknown_type", event, "The hook has no type that the client knows"),
    );
  }
  if (kindOf(event) === undefined) {
    found.push(problem("warning", "unknown_event", event, `The client has no event "${event}"`));
  }
  const timeout = read(entry, "timeout");
  if (timeout !== undefined && (typeof timeout !== "number" || !(timeout > 0))) {
    const message = "timeout must be a positive number of seconds, not text";
    found.push(problem("error", "timeout_type", event, message));
  } else if (typeof timeout === "number" && timeout > LONGEST_SECONDS) {
    const message = `timeout is in seconds: ${timeout} is ${Math.round(timeout / 60)} minutes`;
    found.push(problem("warning", "timeout_unit", event, message));
  }
  return found;
}

function httpProblems(hook: FoundHook): HookProblem[] {
  const { event, entry, variables, endpoint, matcher } = hook;
  const found: HookProblem[] = [];
  const add = (severity: HookProblem["severity"], rule: string, message: string): void =>
    void found.push(problem(severity, rule, event, message));
  if (!/^bearer +\S/i.test(authorizationOf(entry))) {
    add("error", "no_authorization", "The hook sends no bearer token: every call is refused");
  }
  const allowed = read(entry, "allowedEnvVars");
  const missing = variables.find((name) => !Array.isArray(allowed) || !allowed.includes(name));
  if (missing !== undefined) {
    add("error", "variable_not_allowed", `allowedEnvVars does not name ${missing}: it stays empty`);
  }
  const kind = kindOf(event);
  const governs = kind !== undefined && kind !== "observe";
  if (governs && kind !== "outcome" && read(entry, "onFailure") !== "block") {
    add("error", "fails_open", 'Without onFailure "block" calls go ahead when nobody answers');
  }
  if (governs && kind !== "outcome" && endpoint === "track") {
    add("error", "wrong_endpoint", "The track endpoint only records: nothing is decided");
  }
  if (kind === "observe" && endpoint === "govern") {
    add("error", "wrong_endpoint", "The govern endpoint refuses events that are only observed");
  }
  if (event === "PreToolUse" && matcher !== "*") {
    add("warning", "narrow_matcher", `Only tools that match "${matcher}" are governed`);
  }
  if (SKIPPED.has(event)) add("warning", "skipped", "The client runs no HTTP hook on this event");
  return found;
}

/** A shell command in the place of an HTTP hook: what it forgets, nobody notices. */
function commandProblems({ event, entry, endpoint }: FoundHook): HookProblem[] {
  const command = String(read(entry, "command") ?? "");
  const found: HookProblem[] = [];
  const add = (rule: string, message: string): void =>
    void found.push(problem("error", rule, event, message));
  if (!/@-|@\/dev\/stdin|--?T(?:ransfer)? ?-|upload-file -/.test(command)) {
    add("no_body", "The command does not send what it is given on standard input");
  }
  if (!/authorization/i.test(command)) {
    add("no_authorization", "The command sends no Authorization: every call is refused");
  }
  if (endpoint === "govern" && read(entry, "async") === true) {
    add("async", "An asynchronous hook decides nothing: the call does not wait for it");
  }
  if (endpoint === "govern") {
    add(
      "fails_open",
      "When the command fails, calls go ahead: use a hook of type http that blocks",
    );
  }
  return found;
}

function missingEvents(ours: readonly FoundHook[]): HookProblem[] {
  const governed = new Set(
    ours.filter(({ endpoint }) => endpoint === "govern").map(({ event }) => event),
  );
  return GOVERNED.filter(([event]) => !governed.has(event)).map(([event, severity, what]) =>
    problem(severity, "not_governed", event, `Nothing governs ${what}: there is no ${event} hook`)
  );
}

function switchedOff(settings: unknown, ours: readonly FoundHook[]): HookProblem[] {
  if (!isObject(settings)) return [];
  const found: HookProblem[] = [];
  if (read(settings, "disableAllHooks") === true) {
    const message = "disableAllHooks is set: the client runs no hook at all";
    found.push(problem("error", "disabled", undefined, message));
  }
  const allowed = read(settings, "allowedHttpHookUrls");
  const outside = Array.isArray(allowed) &&
    ours.find(({ url }) => !allowed.some((pattern) => mayCall(String(pattern), url ?? "")));
  if (outside) {
    const message = "allowedHttpHookUrls does not list the appliance: the client does not call it";
    found.push(problem("error", "url_not_allowed", outside.event, message));
  }
  return found;
}

/** `*` in a pattern stands for any characters. */
function mayCall(pattern: string, url: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}`).test(url);
}
