import type { ShellConfig } from "./config.ts";
import { requiredLiterals } from "./expressions.ts";
import { longestPart } from "./files.ts";
import { compileLiterals } from "./literal_index.ts";

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
    return search(plain) || HIDING.test(script) || usesOwnVariable(script);
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
  for (const globs of [condition.any, condition.last]) {
    const literals = globs.map(longestPart);
    if (globs.length > 0 && literals.every((literal) => literal.length >= 4)) {
      return { parts: literals };
    }
  }
  const code = condition.code ?? condition.line;
  const inCode = code === undefined ? [] : requiredLiterals(code);
  if (inCode.length > 0 && inCode.every((literal) => literal.length >= 4)) return { parts: inCode };
  const names = typeof condition.command === "string" ? [condition.command] : condition.command;
  if (names.every((name) => name.startsWith("@"))) return markerNeedles(names);
  const { from } = condition;
  if (from.length > 0 && from.length <= names.length && from.every(isLiteral)) {
    return { names: from };
  }
  if (names.every(isLiteral)) return { names };
  const globs = [...condition.paths, ...condition.reads, ...condition.writes];
  const literals = (globs.length > 0 ? globs : names).map(longestPart);
  return literals.every((literal) => literal.length >= 3) ? { parts: literals } : undefined;
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
  const hasPart = compileLiterals([...parts]);
  const words = [...names].filter((name) => /\w/.test(name));
  const hasWord = compileWords(words);
  const marks = [...names].filter((name) => !/\w/.test(name)).map(escape);
  const mark = new RegExp(marks.length === 0 ? "(?!)" : `(?:^|[\\s;&|(])(?:${marks.join("|")})\\s`);
  return (text) => hasWord(text) || hasPart.has(text) || mark.test(text);
}

/** Cuts a text into words and looks each up: what is searched for does not make it slower. */
function compileWords(words: readonly string[]): Search {
  // `mkfs.ext4` is two words to this search: its first must do.
  const known = new Set(words.map((word) => word.toLowerCase().replace(/[^\w-].*$/, "")));
  const longest = Math.max(0, ...words.map((word) => word.length));
  return (text) => {
    let start = -1;
    for (let at = 0; at <= text.length; at++) {
      const inside = at < text.length && IS_WORD[text.charCodeAt(at)] === 1;
      if (inside) {
        if (start < 0) start = at;
      } else if (start >= 0) {
        if (at - start <= longest && hasKnown(known, text.slice(start, at))) return true;
        start = -1;
      }
    }
    return false;
  };
}

/** Letters, digits and what command names are made of, by code unit. */
const IS_WORD = new Uint8Array(65536);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") {
  IS_WORD[char.charCodeAt(0)] = 1;
}

function hasKnown(known: ReadonlySet<string>, word: string): boolean {
  return known.has(word) || known.has(word.toLowerCase());
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
