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
  const pattern =
    /--[^\n]*|\/\*!\d*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\*[^]*|'[^']*(?:''[^']*)*'|[\p{L}\p{N}_$#]+|[;()=]/gu;
  const words: string[] = [];
  for (const [token] of text.matchAll(pattern)) {
    const first = token[0] ?? "";
    if (token.startsWith("--") || token.startsWith("/*")) continue;
    if (first === "'") {
      if (literals) words.push(...(token.toLowerCase().match(/[\p{L}\p{N}_$#]+|;/gu) ?? []));
    } else words.push(token.toLowerCase().replace(/^\$+|\$+$/g, ""));
  }
  return words;
}
