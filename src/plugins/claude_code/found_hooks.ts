import { type Body, isObject, read } from "./fields.ts";
import { GOVERN_PATH, TRACK_PATH } from "./settings.ts";

/** Which of the appliance's endpoints a hook calls. */
export type HookEndpoint = "govern" | "track";

/** One hook as it stands in a settings file. */
export interface FoundHook {
  readonly event: string;
  /** `*` where the file has none. */
  readonly matcher: string;
  /** `http`, `command`, …; empty where it is missing. */
  readonly type: string;
  /** What it calls or runs, without tokens. */
  readonly target: string;
  /** The address it calls, whatever the type; undefined where there is none or it cannot be read. */
  readonly url: string | undefined;
  /** Undefined for hooks that are not the appliance's. */
  readonly endpoint: HookEndpoint | undefined;
  /** Names of variables that its `Authorization` needs, as `${NAME}`. */
  readonly variables: readonly string[];
  /** The token itself where the file holds it. Keep it out of everything that is printed. */
  readonly token: string | undefined;
  /** The entry as it stands. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Every hook in a settings file or a plugin's hook file; what has no form of a hook is left out. */
export function listHooks(settings: unknown): readonly FoundHook[] {
  return Object.entries(hooksOf(settings) ?? {}).flatMap(([event, groups]) =>
    (Array.isArray(groups) ? groups : []).filter(isObject).flatMap((group) => hooksIn(event, group))
  );
}

/** The `hooks` block: at the top, or one level down as in a plugin's configuration. */
export function hooksOf(settings: unknown): Body | undefined {
  if (!isObject(settings)) return undefined;
  const direct = read(settings, "hooks");
  if (isObject(direct)) return direct;
  const nested = Object.values(settings).filter(isObject).map((value) => read(value, "hooks"));
  return nested.find(isObject);
}

function hooksIn(event: string, group: Body): FoundHook[] {
  const hooks = read(group, "hooks");
  const matcher = read(group, "matcher");
  return (Array.isArray(hooks) ? hooks : []).filter(isObject).map((entry) =>
    describe(event, typeof matcher === "string" && matcher !== "" ? matcher : "*", entry)
  );
}

function describe(event: string, matcher: string, entry: Body): FoundHook {
  const type = textOf(entry, "type");
  const text = type === "http" ? textOf(entry, "url") : textOf(entry, "command");
  const url = type === "http" ? text : /https?:\/\/[^\s"'\\]+/.exec(text)?.[0];
  const authorization = type === "http" ? authorizationOf(entry) : text;
  return {
    event,
    matcher,
    type,
    target: withoutTokens(text || textOf(entry, "prompt")),
    url,
    endpoint: endpointOf(url),
    variables: [...authorization.matchAll(/\$\{?([A-Za-z_]\w*)\}?/g)].map(([, name = ""]) => name),
    token: /\bbearer +([\w-]+\.[\w-]+\.[\w-]+)/i.exec(authorization)?.[1],
    entry,
  };
}

/** The value of the `Authorization` header; empty without one. */
export function authorizationOf(entry: Body): string {
  const headers = read(entry, "headers");
  if (!isObject(headers)) return "";
  const [, value] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization") ??
      [];
  return typeof value === "string" ? value : "";
}

function textOf(body: Body, name: string): string {
  const value = read(body, name);
  return typeof value === "string" ? value : "";
}

function endpointOf(url: string | undefined): HookEndpoint | undefined {
  const path = url === undefined ? undefined : URL.parse(url)?.pathname;
  if (path?.endsWith(GOVERN_PATH) || path?.endsWith("/hooks/govern")) return "govern";
  return path?.endsWith(TRACK_PATH) || path?.endsWith("/hooks/track") ? "track" : undefined;
}

function withoutTokens(text: string): string {
  return text.replace(/\b(bearer|basic) +[^\s"'$]+/gi, "$1 ***").replace(
    /\/\/[^/@\s]*:[^/@\s]*@/g,
    "//***@",
  );
}
