import { isTokenChar } from "./alphabet.ts";

/** Where two pieces of code or text would be read as one. Bounded, so that it stays linear. */
const SEAM =
  /["'`]\)?(?:[ \t]|\\?\r?\n){0,24}(?:(?:\.concat\(|\.\.|<<|\|\||\+=|[+.,&~])(?:[ \t]|\\?\r?\n){0,24})?[fbru]?["'`]|[\\=]?\r?\n[ \t]{0,40}(?:[>|#*+] ?|\/\/ ?)?["']?|\$\{?IFS\}?|\\\\?n[ \t]{0,8}/y;
/** A piece longer than this is not part of a split credential. */
const PIECE = 300;
/** Pieces of one chain beyond this number are not joined. */
const MOST_PIECES = 400;
/** Joined pieces shorter than this cannot be a credential. */
const SHORTEST = 16;

/** A run of pieces that touch each other over seams. */
export interface Chain {
  readonly text: string;
  /** Start and end in the source, and where each piece starts in `text`. */
  readonly pieces: readonly { readonly start: number; readonly end: number; readonly at: number }[];
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

function leftOf(text: string, end: number, floor: number): number {
  let i = end;
  const stop = Math.max(floor, end - PIECE);
  while (i > stop && isTokenChar(text.charCodeAt(i - 1))) i--;
  return i;
}

function rightOf(text: string, start: number): number {
  let i = start;
  const stop = Math.min(text.length, start + PIECE);
  while (i < stop && isTokenChar(text.charCodeAt(i))) i++;
  return i;
}

function chainOf(text: string, pieces: readonly Piece[]): Chain | undefined {
  const whole = pieces.filter((piece) => piece.end > piece.start);
  if (whole.length < 2) return undefined;
  let length = 0;
  for (const piece of whole) length += piece.end - piece.start;
  if (length < SHORTEST) return undefined;
  let joined = "";
  const placed = whole.map((piece) => {
    const at = joined.length;
    joined += text.slice(piece.start, piece.end);
    return { ...piece, at };
  });
  return { text: joined, pieces: placed };
}

/** ASCII characters that a seam may begin with. */
const STARTS = new Uint8Array(128);
for (const char of "\n\r\"'`\\$=") STARTS[char.charCodeAt(0)] = 1;

/** End of the seam that starts at `at`, or -1. */
function seamEnd(text: string, at: number, code: number): number {
  const line = code === 10 || code === 13;
  if (line && (at === 0 || !isTokenChar(text.charCodeAt(at - 1)))) return -1;
  SEAM.lastIndex = at;
  return SEAM.test(text) ? SEAM.lastIndex : -1;
}

/** Calls `found` for each chain of pieces that a reader of the code would join; returns the number of seams. */
export function eachChain(text: string, found: (chain: Chain) => void): number {
  let pieces: Piece[] = [];
  let after = -1;
  let seams = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || STARTS[code] === 0) continue;
    const end = seamEnd(text, i, code);
    if (end < 0) continue;
    seams++;
    const start = leftOf(text, i, Math.max(after, 0));
    if (after < 0 || start !== after) {
      flush(text, pieces, after, found);
      pieces = [];
    }
    if (pieces.length < MOST_PIECES) pieces.push({ start, end: i });
    after = end;
    i = end - 1;
  }
  flush(text, pieces, after, found);
  return seams;
}

function flush(text: string, pieces: Piece[], after: number, found: (chain: Chain) => void): void {
  if (after < 0 || pieces.length === 0) return;
  pieces.push({ start: after, end: rightOf(text, after) });
  const chain = chainOf(text, pieces);
  if (chain !== undefined) found(chain);
}
