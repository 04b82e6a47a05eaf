import { AppError } from "../../kernel/errors.ts";
import { isObject, read } from "./fields.ts";
import { GOVERN_PATH, type HookSettings, TRACK_PATH } from "./settings.ts";

export interface HookChange {
  readonly event: string;
  readonly action: "added" | "replaced" | "removed";
}

export interface MergedHooks {
  /** The whole settings file, as it is to be written. */
  readonly settings: Record<string, unknown>;
  /** What differs from the file as it was; empty when nothing does. */
  readonly changes: readonly HookChange[];
  /** Settings found in the file that keep the hooks from running, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Puts our hooks into the settings that are there. Only our own earlier entries are replaced (HTTP
 * hooks whose URL has one of our paths, whatever the host); everything else stays as it is.
 * `existing` is the parsed settings file, undefined where there is none. Throws `invalid` when it
 * has a form that could not be kept.
 */
export function mergeHookSettings(existing: unknown, ours: HookSettings): MergedHooks {
  const settings = existing ?? {};
  if (!isObject(settings)) throw new AppError("invalid", "The settings must be a JSON object");
  const before = read(settings, "hooks") ?? {};
  if (!isObject(before)) throw new AppError("invalid", "hooks in the settings must be an object");
  const hooks = new Map<string, readonly unknown[]>();
  const changes: HookChange[] = [];
  for (const event of new Set([...Object.keys(before), ...Object.keys(ours.hooks)])) {
    const old = read(before, event);
    const groups = mergeGroups(event, old, read(ours.hooks, event));
    if (groups.length > 0 || isEmptyList(old)) hooks.set(event, groups);
    const action = changeOf(old, groups);
    if (action !== undefined) changes.push({ event, action });
  }
  const merged = { ...settings, hooks: Object.fromEntries(hooks) };
  return { settings: merged, changes, warnings: warningsOf(settings) };
}

function mergeGroups(event: string, old: unknown, ours: unknown): unknown[] {
  if (old !== undefined && !Array.isArray(old)) {
    throw new AppError("invalid", `hooks.${event} in the settings must be a list`);
  }
  const kept = (old ?? []).flatMap((group: unknown) => withoutOurs(group));
  return [...kept, ...(Array.isArray(ours) ? ours : [])];
}

/** The group without our hooks; nothing when it held only ours. */
function withoutOurs(group: unknown): unknown[] {
  const hooks = isObject(group) ? read(group, "hooks") : undefined;
  if (!isObject(group) || !Array.isArray(hooks)) return [group];
  const kept = hooks.filter((hook) => !isOurs(hook));
  if (kept.length === hooks.length) return [group];
  return kept.length === 0 ? [] : [{ ...group, hooks: kept }];
}

function isOurs(hook: unknown): boolean {
  if (!isObject(hook) || read(hook, "type") !== "http") return false;
  const url = read(hook, "url");
  const path = typeof url === "string" ? URL.parse(url)?.pathname : undefined;
  return path === GOVERN_PATH || path === TRACK_PATH;
}

function changeOf(old: unknown, groups: readonly unknown[]): HookChange["action"] | undefined {
  if (JSON.stringify(old ?? []) === JSON.stringify(groups)) return undefined;
  const had = hasOurs(old);
  if (had && hasOurs(groups)) return "replaced";
  return had ? "removed" : "added";
}

function hasOurs(groups: unknown): boolean {
  return Array.isArray(groups) && groups.some((group) => withoutOurs(group)[0] !== group);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function warningsOf(settings: Readonly<Record<string, unknown>>): string[] {
  const warnings: string[] = [];
  if (read(settings, "disableAllHooks") === true) {
    warnings.push("disableAllHooks is set: the client runs no hook at all");
  }
  if (read(settings, "allowedHttpHookUrls") !== undefined) {
    warnings.push("allowedHttpHookUrls is set: the client calls only the addresses it lists");
  }
  return warnings;
}
