import { AppError } from "../../../kernel/errors.ts";

/** Names and values of a file, in its order. */
export type Entries = readonly (readonly [name: string, value: string])[];

/** What a file of values may be. */
export type FileFormat = "env" | "json";

/**
 * Reads `NAME=value` lines or a JSON object of texts; a file that begins with `{` is the latter unless told
 * otherwise. Throws `invalid` for anything that is not understood, with lines and names, never with a value.
 */
export function parseSecretsFile(text: string, format?: FileFormat): Entries {
  const kind = format ?? (text.trimStart().startsWith("{") ? "json" : "env");
  const entries = kind === "json" ? parseJson(text) : parseEnv(text);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refusal(`${JSON.stringify(twice)} stands there twice`);
  if (entries.length === 0) throw refusal("there is nothing in it");
  return entries;
}

function parseJson(text: string): Entries {
  const value = readJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal("it is no JSON object");
  }
  return Object.entries(value).map(([name, member]) => {
    if (typeof member === "string") return [name, member] as const;
    throw refusal(`the value of ${JSON.stringify(name)} is no text`);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes what it did not understand.
    throw refusal("it is no JSON");
  }
}

const BLANK = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const KEY = /[ \t]*(?:export[ \t]+)?([A-Za-z0-9][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y;
const SINGLE = /'([^']*)'[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const DOUBLE = /"((?:[^"\\]|\\[^])*)"[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const PLAIN = /((?!['"])[^\r\n]*?)(?:[ \t]+#[^\n]*)?[ \t]*(?:\r?\n|$)/y;

/** Comments, `export`, and quotes as shells have them; in double quotes `\n`, `\r`, `\t`, `\"`, `\\`, `\$`. */
function parseEnv(text: string): Entries {
  const entries: (readonly [string, string])[] = [];
  for (let at = 0; at < text.length;) {
    const blank = matchAt(BLANK, text, at);
    if (blank) {
      at = blank.end;
      continue;
    }
    const key = matchAt(KEY, text, at);
    const value = key && valueAt(text, key.end);
    if (!value) throw refusal(`line ${lineAt(text, at)} is no NAME=value`);
    entries.push([key.group, value.group]);
    at = value.end;
  }
  return entries;
}

interface Found {
  readonly group: string;
  readonly end: number;
}

function valueAt(text: string, at: number): Found | undefined {
  const quoted = matchAt(DOUBLE, text, at);
  if (quoted) return { ...quoted, group: quoted.group.replace(/\\([^])/g, unescape) };
  return matchAt(SINGLE, text, at) ?? matchAt(PLAIN, text, at);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  '"': '"',
  "\\": "\\",
  $: "$",
};

function unescape(whole: string, sign: string): string {
  return ESCAPES[sign] ?? whole;
}

function matchAt(pattern: RegExp, text: string, at: number): Found | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match ? { group: match[1] ?? "", end: pattern.lastIndex } : undefined;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function refusal(why: string): AppError {
  return new AppError("invalid", `Cannot import: ${why}`);
}
