import type { ShellConfig } from "./config.ts";
import { requiredLiterals } from "./expressions.ts";
import { longestPart } from "./files.ts";
import { compileLiterals } from "./literal_index.ts";

/** Expansions that put words together, or may be anything. */
const EXPANSION = /[`{}]|\$[({'@*#?0-9!-]|\$IFS/;
/** What turns one text into another. */
const DECODER = /base64|xxd|openssl|\brev\b|\btr\b|printf/;
const WILDCARD = /[?*[]/;
/** A glob where a command may stand, or in a hidden folder. */
const GLOB = /(?:^|\s)[^\s=]*[?[]|(?:^|[\s;&|(])\/\S*\*|\/\.\w+\/\S*\*/;
/** A path that has to be resolved before it can be compared. */
const DETOUR = /(?<!:)\/\/|\/\.\.?\//;

/**
 * Whether anything may hide a word from a plain search. Quotes and backslashes do not count: they are
 * removed before the search. Several small expressions: one of them all would be three times slower.
 */
function mayHide(script: string): boolean {
  return EXPANSION.test(script) || DECODER.test(script) || DETOUR.test(script) ||
    (WILDCARD.test(script) && GLOB.test(script)) || usesOwnVariable(script);
}

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
    return search(plain) || mayHide(script);
  };
}

/** Commands that stand in so many scripts that something else must say whether to look closer. */
const EVERYDAY = new Set(
  ("git docker podman npm pnpm yarn bun npx bunx node python python2 python3 deno perl ruby php " +
    "cargo gh aws gcloud az kubectl helm terraform mvn gradle gem dotnet dart go make bash sh zsh " +
    "tee cat cp mv find sed awk env export set source eval . head tail ssh sudo format kill").split(
      " ",
    ),
);

interface Needles {
  readonly names?: readonly string[];
  readonly parts?: readonly string[];
}

/** What must stand in a script for a condition to hold: one of these words, or parts of words. */
function needles(condition: ShellConfig): Needles | undefined {
  const names = typeof condition.command === "string" ? [condition.command] : condition.command;
  if (names.every((name) => name.startsWith("@"))) return markerNeedles(names);
  const everyday = names.some((name) => EVERYDAY.has(name) || !isLiteral(name));
  if (!everyday) return { names };
  const args = rarestArgument(condition);
  if (args) return args.every(isLiteral) ? { names: args } : { parts: args.map(longestPart) };
  for (const globs of [condition.any, condition.last]) {
    const literals = globs.map(longestPart);
    if (globs.length > 0 && literals.every((literal) => literal.length >= 4)) {
      return { parts: literals };
    }
  }
  const code = condition.code ?? condition.line;
  const inCode = code === undefined ? [] : requiredLiterals(code);
  if (inCode.length > 0 && inCode.every((literal) => literal.length >= 4)) return { parts: inCode };
  const { from } = condition;
  if (from.length > 0 && from.length <= names.length && from.every(isLiteral)) {
    return { names: from };
  }
  if (names.every(isLiteral)) return { names };
  const globs = [...condition.paths, ...condition.reads, ...condition.writes];
  const literals = (globs.length > 0 ? globs : names).map(longestPart);
  return literals.every((literal) => literal.length >= 3) ? { parts: literals } : undefined;
}

/** The operand that stands in the fewest scripts: the one whose shortest spelling is the longest. */
function rarestArgument({ args }: ShellConfig): readonly string[] | undefined {
  let rarest: readonly string[] | undefined;
  let length = 3;
  for (const arg of args) {
    const globs = typeof arg === "string" ? [arg] : arg;
    const shortest = Math.min(...globs.map((glob) => longestPart(glob).length));
    if (shortest <= length) continue;
    rarest = globs;
    length = shortest;
  }
  return rarest;
}

function isLiteral(glob: string): boolean {
  return !/[*?]/.test(glob);
}

/** A fork bomb defines a function; what is nested too deep is hidden, and so is parsed anyway. */
function markerNeedles(names: readonly string[]): Needles {
  return names.includes("@fork_bomb") ? { parts: ["()", "function"] } : { parts: [] };
}

type Search = (text: string) => boolean;

/** Parts anywhere, names as whole words: one automaton finds both, a look around tells them apart. */
function compileSearch(names: ReadonlySet<string>, parts: ReadonlySet<string>): Search {
  const words = [...names].filter((name) => /\w/.test(name));
  const literals = [...words, ...parts];
  const index = compileLiterals(literals);
  const marks = [...names].filter((name) => !/\w/.test(name)).map(escape);
  const mark = new RegExp(
    marks.length === 0 ? "(?!)" : `(?:^|[\\s;&|(])(?:${marks.join("|")})\\s`,
  );
  return (text) => {
    const accept = (literal: number, end: number) =>
      literal >= words.length || isWord(text, end - (literals[literal]?.length ?? 0), end);
    return index.has(text, accept) || mark.test(text);
  };
}

function isWord(text: string, start: number, end: number): boolean {
  return !isLetter(text.charCodeAt(start - 1)) && !isLetter(text.charCodeAt(end));
}

/** Letters, digits and what command names are made of; NaN, beyond the text, is none. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) ||
    code === 95 || code === 45;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
