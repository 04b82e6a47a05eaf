/** Number of character classes of the automaton, a power of two. */
export const CLASSES = 64;
/** Classes below this one are the characters of base64, base64url and hex. */
export const BREAK = 40;
/** Class of every character no anchor uses. */
export const OTHER = 40;
/** Classes at and above this one set a flag bit `1 << (class - FLAGGED)`. */
export const FLAGGED = 58;

/** What a text holds beyond plain characters, so that views are built only when they can differ. */
export const HAS = {
  quote: 1,
  newline: 2,
  percent: 4,
  backslash: 8,
  ampersand: 16,
  nul: 32,
  wide: 64,
};

const PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789+/-_";
const MARKS = " .:=@~$|<>(){}[]#";

function classTable(): Uint8Array {
  const table = new Uint8Array(128).fill(OTHER);
  for (let i = 0; i < PLAIN.length; i++) {
    table[PLAIN.charCodeAt(i)] = i;
    table[PLAIN.charAt(i).toUpperCase().charCodeAt(0)] = i;
  }
  for (let i = 0; i < MARKS.length; i++) table[MARKS.charCodeAt(i)] = OTHER + 1 + i;
  for (const quote of ['"', "'", "`"]) table[quote.charCodeAt(0)] = FLAGGED;
  for (const line of ["\n", "\r"]) table[line.charCodeAt(0)] = FLAGGED + 1;
  table["%".charCodeAt(0)] = FLAGGED + 2;
  table["\\".charCodeAt(0)] = FLAGGED + 3;
  table["&".charCodeAt(0)] = FLAGGED + 4;
  table[0] = FLAGGED + 5;
  return table;
}

/** Character class of each ASCII code; letters are folded to lower case. */
export const CLASS_OF: Uint8Array = classTable();

/** True for `A-Z a-z 0-9`. */
export function isAlnum(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

/** True for the characters credentials are made of, `A-Z a-z 0-9 _ - . / + = ~`. */
export function isTokenChar(code: number): boolean {
  return isAlnum(code) || code === 95 || (code >= 45 && code <= 47) || code === 43 ||
    code === 61 || code === 126;
}

/** True for the characters of a name in code, configuration or a header. */
export function isNameChar(code: number): boolean {
  return isAlnum(code) || code === 95 || code === 45 || code === 46 || code === 36;
}
