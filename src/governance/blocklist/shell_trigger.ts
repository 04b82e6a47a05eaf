import type { ShellConfig } from "./config.ts";

/**
 * What may hide a word from a plain search: expansions, decoders, globs in a command's place and
 * words put together from variables. Quotes and backslashes are removed before the search instead.
 */
const HIDING =
  /[`{}]|\$[({'@*#?0-9!-]|\$IFS|base64|xxd|openssl|\brev\b|\btr\b|printf|(?:^|\s)[^\s=]*[?[]\S*|(?:^|[\s;&|(])\/\S*[*?[]|(?<!:)\/\/|\/\.\.?\/|\/\.\w+\/\S*\*/;

/** A variable that the script sets and then uses may be any part of any word. */
function usesOwnVariable(script: string): boolean {
  return script.includes("$") && /(?:^|[\s;&|(])[A-Za-z_]\w*\+?=/.test(script);
}

/**
 * A quick look that says whether a script is worth parsing: false only when none of the conditions
 * can hold, because what each needs is not in the text and nothing in it could make it.
 */
export function compileTrigger(conditions: readonly ShellConfig[]): (script: string) => boolean {
  const names = new Set<string>();
  const parts = new Set<string>();
  let always = false;
  for (const condition of conditions) {
    const needed = needles(condition);
    if (needed === undefined) always = true;
    for (const name of needed?.names ?? []) names.add(name);
    for (const part of needed?.parts ?? []) parts.add(part);
  }
  const search = compileSearch(names, parts);
  return (script) => {
    if (always) return true;
    const plain = /['"\\]/.test(script) ? script.replace(/['"\\]+/g, "") : script;
    return search.test(plain) || HIDING.test(script) || usesOwnVariable(script);
  };
}

interface Needles {
  readonly names?: readonly string[];
  readonly parts?: readonly string[];
}

/** What must stand in a script for a condition to hold: one of these words, or parts of words. */
function needles(condition: ShellConfig): Needles | undefined {
  const args = condition.args.map((arg) => typeof arg === "string" ? [arg] : arg);
  for (const alternatives of args) {
    const literals = alternatives.map(longestPart);
    if (literals.every((literal) => literal.length >= 4)) return { parts: literals };
  }
  const names = typeof condition.command === "string" ? [condition.command] : condition.command;
  if (names.every((name) => name.startsWith("@"))) return markerNeedles(names);
  if (names.every((name) => !/[*?]/.test(name))) return { names };
  const globs = [...condition.paths, ...condition.reads, ...condition.writes];
  const literals = (globs.length > 0 ? globs : names).map(longestPart);
  return literals.every((literal) => literal.length >= 3) ? { parts: literals } : undefined;
}

/** A fork bomb defines a function; what is nested too deep is hidden, and so is parsed anyway. */
function markerNeedles(names: readonly string[]): Needles {
  return names.includes("@fork_bomb") ? { parts: ["()", "function"] } : { parts: [] };
}

function longestPart(glob: string): string {
  const parts = glob.toLowerCase().split(/[*?]+/).map((part) => part.replace(/^\//, ""));
  return parts.reduce((a, b) => b.length > a.length ? b : a, "");
}

function compileSearch(names: ReadonlySet<string>, parts: ReadonlySet<string>): RegExp {
  const words = [...names].filter((name) => /\w/.test(name));
  const marks = [...names].filter((name) => !/\w/.test(name));
  const sources = [
    ...byFirstLetter(words.map((name) => `${escape(name)}(?![\\w-])`), "(?<![\\w-])"),
    ...marks.map((name) => `(?<![^\\s;&|(])${escape(name)}(?=\\s)`),
    ...byFirstLetter([...parts].map(escape), ""),
  ];
  return new RegExp(sources.length === 0 ? "(?!)" : sources.join("|"), "i");
}

/** `a(?:b|c)` fails on its first letter where `ab|ac` would try both. */
function byFirstLetter(sources: readonly string[], before: string): string[] {
  const groups = new Map<string, string[]>();
  for (const source of sources) {
    const first = /^\\?[^]/.exec(source)?.[0] ?? "";
    groups.set(first, [...(groups.get(first) ?? []), source.slice(first.length)]);
  }
  return [...groups].map(([first, rest]) => `${before}${first}(?:${rest.join("|")})`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
