/** How the client finds the token: written into the settings file, or named as a variable. */
export type HookToken = { readonly value: string } | { readonly env: string };

export interface HookTarget {
  /** Base address of the appliance, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token: HookToken;
  readonly pluginId: string;
}

/** One hook of a settings file that calls an HTTP address. `timeout` is in seconds. */
export interface HttpHook {
  readonly type: "http";
  readonly url: string;
  readonly timeout: number;
  readonly onFailure?: "block";
  readonly headers: Readonly<Record<string, string>>;
  readonly allowedEnvVars?: readonly string[];
}

export interface HookGroup {
  readonly matcher: string;
  readonly hooks: readonly HttpHook[];
}

export interface HookSettings {
  readonly hooks: Readonly<Record<string, readonly HookGroup[]>>;
}

export const GOVERN_PATH = "/api/public/hooks/govern";
export const TRACK_PATH = "/api/public/hooks/track";

const GOVERN_EVENTS = [
  "PreToolUse",
  "PermissionRequest",
  "UserPromptSubmit",
  "PostToolUse",
  "PostToolUseFailure",
] as const;

/** SessionStart and Setup are missing because the client skips HTTP hooks on them. */
const TRACK_EVENTS = [
  "SessionEnd",
  "Stop",
  "SubagentStart",
  "SubagentStop",
  "Notification",
  "PreCompact",
  "ConfigChange",
  "TaskCompleted",
] as const;

const GOVERN_SECONDS = 10;
const TRACK_SECONDS = 5;

/**
 * The `hooks` block of Claude Code's settings that points its calls at the appliance. A governing
 * hook that gets no usable answer (no connection, time-out, other status, invalid body) blocks what
 * it governs: `onFailure: "block"`. Without it the client would go ahead.
 */
export function claudeHookSettings(target: HookTarget): HookSettings {
  const govern = httpHook(target, GOVERN_PATH, GOVERN_SECONDS, { onFailure: "block" });
  const track = httpHook(target, TRACK_PATH, TRACK_SECONDS, {});
  const hooks = [
    ...GOVERN_EVENTS.map((event) => [event, [{ matcher: "*", hooks: [govern] }]] as const),
    ...TRACK_EVENTS.map((event) => [event, [{ matcher: "*", hooks: [track] }]] as const),
  ];
  return { hooks: Object.fromEntries(hooks) };
}

function httpHook(
  target: HookTarget,
  path: string,
  timeout: number,
  extra: Pick<HttpHook, "onFailure">,
): HttpHook {
  const url = new URL(path, target.url);
  url.searchParams.set("plugin_id", target.pluginId);
  return { type: "http", url: url.href, timeout, ...extra, ...authorization(target.token) };
}

function authorization(token: HookToken): Pick<HttpHook, "headers" | "allowedEnvVars"> {
  if ("value" in token) return { headers: { Authorization: `Bearer ${token.value}` } };
  return {
    headers: { Authorization: `Bearer \${${token.env}}` },
    allowedEnvVars: [token.env],
  };
}
