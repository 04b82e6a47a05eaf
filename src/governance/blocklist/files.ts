import { compileGlobs, type Matcher } from "../glob.ts";
import { compileLiterals } from "./literal_index.ts";

const MAX_PATTERN = 256;
/** A path that reads differently once it is resolved, or that a shell expands. */
const UNEVEN = /[?*[\\]|\/\/|\/\.{1,2}(?:\/|$)/;

/** The longest text that a path must contain to match a glob, without a leading `/`. */
export function longestPart(glob: string): string {
  const parts = glob.toLowerCase().split(/[*?]+/).map((part) => part.replace(/^\//, ""));
  return parts.reduce((a, b) => b.length > a.length ? b : a, "");
}

/** Resolves `.`, `..`, doubled slashes and `file:`; always begins with `/`. */
export function normalizePath(path: string): string {
  const plain = path.replace(/^file:(\/\/(localhost)?)?/, "").replaceAll("\\", "/");
  const parts: string[] = [];
  for (const part of plain.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * Compiles globs over file paths. A path that is itself a glob, as in a shell, matches when it could
 * expand to such a file.
 */
export function compileFiles(globs: readonly string[], unless: readonly string[]): Matcher {
  const matches = compileGlobs(globs, true);
  const spares = compileGlobs(unless, true);
  const folded = globs.map((glob) => glob.toLowerCase());
  const hints = compileLiterals(folded.map(longestPart));
  return (text) => {
    if (!hints.has(text) && !UNEVEN.test(text)) return false;
    const path = normalizePath(text);
    if (matches(path)) return !spares(path);
    return /[?*[]/.test(path) && mayExpandTo(path.toLowerCase(), folded) && !spares(path);
  };
}

function mayExpandTo(path: string, globs: readonly string[]): boolean {
  if (path.length > MAX_PATTERN) return false;
  const pattern = path.replace(/\[[^\]]*\]/g, "?");
  const name = pattern.slice(pattern.lastIndexOf("/") + 1);
  // `*` or `src/*.json` names no file in particular; `.ssh/*` does.
  const vague = name.replace(/\.\w+$/, "").replace(/[*?]/g, "").length < 2;
  if (vague && !/\/\.\w/.test(pattern)) return false;
  const hint = hintOf(pattern, name);
  return globs.some((glob) => glob.includes(hint) && meets(pattern, glob));
}

/** Letters that a glob must contain to meet the pattern: of its hidden folder, else of its name. */
function hintOf(pattern: string, name: string): string {
  const hidden = /\/(\.\w{1,2})/.exec(pattern)?.[1];
  if (hidden !== undefined) return hidden;
  const runs = name.split(/[*?]+/);
  return runs.reduce((a, b) => b.length > a.length ? b : a, "").slice(0, 3);
}

/**
 * Whether some path matches both: a shell's pattern, whose wildcards stop at `/` and at a leading
 * dot, and a glob, whose `*` stops nowhere. `live` holds how much of the glob can be used up so far.
 */
function meets(pattern: string, glob: string): boolean {
  let live = closure(new Set([0]), glob);
  for (let i = 0; i < pattern.length && live.size > 0; i++) {
    const char = pattern.charAt(i);
    const first = pattern[i - 1] === "/";
    if (char === "*") live = repeat(live, glob, first);
    else live = step(live, glob, (c) => char === "?" ? wild(c, first) : c === char || c === "");
  }
  return live.has(glob.length);
}

/** An empty `char` stands for any character, as the glob's own wildcards take. */
function wild(char: string, first: boolean): boolean {
  return char !== "/" && !(first && char === ".");
}

function step(live: Set<number>, glob: string, takes: (char: string) => boolean): Set<number> {
  const next = new Set<number>();
  for (const at of live) {
    const char = glob.charAt(at);
    if (char === "*") next.add(at);
    else if (at < glob.length && takes(char === "?" ? "" : char)) next.add(at + 1);
  }
  return closure(next, glob);
}

function repeat(live: Set<number>, glob: string, first: boolean): Set<number> {
  const all = new Set(live);
  let current = step(live, glob, (char) => wild(char, first));
  for (let i = 0; i <= glob.length && current.size > 0; i++) {
    for (const at of current) all.add(at);
    current = step(current, glob, (char) => wild(char, false));
  }
  return all;
}

/** A `*` of the glob may take nothing. */
function closure(live: Set<number>, glob: string): Set<number> {
  for (const at of live) if (glob[at] === "*") live.add(at + 1);
  return live;
}

/** The parts of a command's word that may name a file: whole, after `=`, after `@`. */
export function pathsOf(word: string): readonly string[] {
  const parts = [word];
  if (!/[=@<:]/.test(word)) return parts;
  for (const mark of ["=", "@", "<"]) {
    const at = word.indexOf(mark);
    if (at >= 0 && at + 1 < word.length) parts.push(word.slice(at + 1));
  }
  const colon = word.indexOf(":");
  if (colon > 0) parts.push(word.slice(0, colon), word.slice(colon + 1));
  return parts;
}
