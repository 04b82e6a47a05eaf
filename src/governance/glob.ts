/** Answers whether a whole string matches. */
export type Matcher = (text: string) => boolean;

/**
 * Compiles a glob: `*` is any run of characters (also `/` and `:`), `?` is exactly one, everything
 * else is itself. No expression is involved, so no pattern can be slow on purpose.
 */
export function compileGlob(pattern: string, ignoreCase = false): Matcher {
  const glob = ignoreCase ? pattern.toLowerCase() : pattern;
  const fold = ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text;
  if (/^\*+$/.test(glob)) return () => true;
  if (!/[*?]/.test(glob)) return (text) => fold(text) === glob;
  const parts = glob.split(/\*+/);
  return (text) => matchParts(parts, fold(text));
}

/** Compiles several globs into one matcher: any of them. */
export function compileGlobs(patterns: readonly string[], ignoreCase = false): Matcher {
  const matchers = patterns.map((pattern) => compileGlob(pattern, ignoreCase));
  return (text) => matchers.some((matches) => matches(text));
}

/** Greedy left to right: the first place where each part fits is the best one for the rest. */
function matchParts(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? "";
  const last = parts[parts.length - 1] ?? "";
  if (parts.length === 1) return text.length === first.length && fits(first, text, 0);
  const end = text.length - last.length;
  if (end < first.length || !fits(first, text, 0) || !fits(last, text, end)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = find(part, text, at, end);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function find(part: string, text: string, from: number, end: number): number {
  if (!part.includes("?")) {
    const at = text.indexOf(part, from);
    return at >= 0 && at + part.length <= end ? at : -1;
  }
  for (let at = from; at + part.length <= end; at++) if (fits(part, text, at)) return at;
  return -1;
}

function fits(part: string, text: string, at: number): boolean {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== "?" && part[i] !== text[at + i]) return false;
  }
  return true;
}
