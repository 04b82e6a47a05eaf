/** Where a list of words stands in a row inside a longer one. */
export type Phrase = readonly (ReadonlySet<string> | undefined)[];

/** Compiles `drop table|schema *`: alternatives by `|`, `*` is any word. */
export function compilePhrase(source: string): Phrase {
  return source.toLowerCase().trim().split(/\s+/).map((word) =>
    word === "*" ? undefined : new Set(word.split("|"))
  );
}

export function hasPhrase(words: readonly string[], phrases: readonly Phrase[]): boolean {
  return phrases.some((phrase) => {
    for (let at = 0; at + phrase.length <= words.length; at++) {
      if (phrase.every((set, i) => set === undefined || set.has(words[at + i] ?? ""))) return true;
    }
    return false;
  });
}

/** The words of plain text: runs of letters and digits, in lower case, humps of camelCase apart. */
export function wordsOf(text: string): string[] {
  const apart = text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(
    /([A-Z])([A-Z][a-z])/g,
    "$1 $2",
  );
  return apart.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const DYNAMIC = /\b(?:execute|exec|prepare|sp_executesql|eval|do)\b|\\['"]/i;

/**
 * The words of SQL in lower case: comments count as space, string literals are left out, `;` and
 * parentheses are words. Literals stay where the text may execute them, or where dialects disagree
 * about where they end. `/*! ... * /` is code to MySQL, and so it is here.
 */
export function sqlWords(text: string): string[] {
  const literals = DYNAMIC.test(text);
  const words: string[] = [];
  for (const [token] of text.matchAll(SQL_TOKEN)) {
    const first = token.charCodeAt(0);
    if (first === QUOTE) {
      if (literals) words.push(...(token.toLowerCase().match(SQL_WORD) ?? []));
    } else if (first === DOLLAR) words.push(token.toLowerCase().replace(/^\$+|\$+$/g, ""));
    else if (first !== DASH && first !== SLASH) words.push(token.toLowerCase());
  }
  return words;
}

const [QUOTE, DOLLAR, DASH, SLASH] = [0x27, 0x24, 0x2d, 0x2f];
const SQL_WORD = /[\w$#\u00a1-\u1fff\u2c00-\ufefe\uff00-\uffef]+|;/g;
const SQL_TOKEN =
  /--[^\n]*|\/\*!\d*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\*[^]*|'[^']*(?:''[^']*)*'|[\w$#\u00a1-\u1fff\u2c00-\ufefe\uff00-\uffef]+|[;()=]/g;

/** Up to this many characters a text is read as a whole. */
const MAX_WHOLE = 32 * 1024;
const AROUND = 512;
const MAX_WINDOWS = 500;

/**
 * The parts of a text that are worth reading: all of it, or in a long one what surrounds the words
 * searched for, unless they stand nearly everywhere.
 */
export function windowsOf(text: string, needles: readonly string[]): string[] {
  if (text.length <= MAX_WHOLE) return [text];
  const lower = text.toLowerCase();
  const windows: string[] = [];
  for (const needle of needles) {
    for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, at + AROUND)) {
      windows.push(text.slice(Math.max(0, at - AROUND), at + 2 * AROUND));
      if (windows.length > MAX_WINDOWS) return [text];
    }
  }
  return windows;
}
