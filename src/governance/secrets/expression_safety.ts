/** Longest text an expression may consume. */
const LONGEST = 4096;

interface Part {
  /** Most characters it can consume. */
  readonly longest: number;
  /** True when it can match the same text in more than one way. */
  readonly varies: boolean;
}

interface Reader {
  readonly source: string;
  at: number;
}

const QUANTIFIER = /(?:\{(\d+)(,(\d*))?\}|[*+?])\??/y;

/**
 * Says why an expression is not safe to run on a hostile text in linear time, or nothing when it
 * is: every repetition bounded, no repetition of something that itself repeats, no look-around, no
 * back-references, and at most 4,096 characters in all.
 */
export function expressionProblem(source: string): string | undefined {
  try {
    new RegExp(source, "y");
  } catch {
    return "is not a valid expression";
  }
  try {
    const reader = { source, at: 0 };
    const part = readAlternatives(reader);
    if (part.longest > LONGEST) return `can consume more than ${LONGEST} characters`;
    return part.longest === 0 ? "matches nothing" : undefined;
  } catch (error) {
    return error instanceof SyntaxError ? error.message : "cannot be checked";
  }
}

function readAlternatives(reader: Reader): Part {
  let longest = 0;
  let varies = false;
  for (;;) {
    const part = readSequence(reader);
    longest = Math.max(longest, part.longest);
    varies ||= part.varies;
    if (reader.source[reader.at] !== "|") return { longest, varies };
    varies = true;
    reader.at++;
  }
}

function readSequence(reader: Reader): Part {
  let longest = 0;
  let varies = false;
  while (reader.at < reader.source.length && !"|)".includes(reader.source[reader.at] ?? "")) {
    const part = readRepeated(reader);
    longest += part.longest;
    varies ||= part.varies;
  }
  return { longest, varies };
}

function readRepeated(reader: Reader): Part {
  const part = readAtom(reader);
  QUANTIFIER.lastIndex = reader.at;
  const match = QUANTIFIER.exec(reader.source);
  if (match === null) return part;
  reader.at = QUANTIFIER.lastIndex;
  const most = mostTimes(match);
  const optional = match[0].startsWith("?");
  if (part.varies && !optional) {
    throw new SyntaxError("repeats a group that itself varies in length");
  }
  const fixed = match[1] !== undefined && match[2] === undefined;
  return { longest: part.longest * most, varies: !fixed };
}

function mostTimes(match: RegExpExecArray): number {
  if (match[0].startsWith("?")) return 1;
  if (match[1] === undefined || match[3] === "") {
    throw new SyntaxError(
      "has a repetition without an upper bound; write {1,64} instead of + or *",
    );
  }
  return Number(match[3] ?? match[1]);
}

function readAtom(reader: Reader): Part {
  const char = reader.source[reader.at];
  if (char === "(") return readGroup(reader);
  if (char === "[") return readClass(reader);
  if (char === "\\") return readEscape(reader);
  reader.at++;
  return { longest: char === "^" || char === "$" ? 0 : 1, varies: false };
}

function readEscape(reader: Reader): Part {
  const next = reader.source[reader.at + 1] ?? "";
  if (/[1-9k]/.test(next)) throw new SyntaxError("has a back-reference");
  const code = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})/.exec(
    reader.source.slice(reader.at, reader.at + 6),
  );
  reader.at += code?.[0].length ?? 2;
  return { longest: /[bB]/.test(next) ? 0 : 1, varies: false };
}

function readClass(reader: Reader): Part {
  for (reader.at++; reader.at < reader.source.length; reader.at++) {
    if (reader.source[reader.at] === "\\") reader.at++;
    else if (reader.source[reader.at] === "]") break;
  }
  reader.at++;
  return { longest: 1, varies: false };
}

function readGroup(reader: Reader): Part {
  reader.at++;
  if (/^\?(?:[=!]|<[=!])/.test(reader.source.slice(reader.at, reader.at + 3))) {
    throw new SyntaxError("has a look-around");
  }
  const head = /^\?(?::|<\w+>)/.exec(reader.source.slice(reader.at, reader.at + 32));
  reader.at += head?.[0].length ?? 0;
  const part = readAlternatives(reader);
  reader.at++;
  return part;
}
