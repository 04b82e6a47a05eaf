import { Buffer } from "node:buffer";

/** A decoded text and how much of the run it came from. */
export interface Decoded {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Not text from its start: only what stands in it as it is counts. */
  readonly binary: boolean;
  readonly label: "base64" | "base64url" | "hex";
}

const SHORTEST = 20;
const PROBE = 24;

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function isReadable(code: number): boolean {
  return (code >= 32 && code < 127) || code === 10 || code === 13 || code === 9 || code === 0;
}

function readable(bytes: string): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (isReadable(bytes.charCodeAt(i))) count++;
  return count;
}

function sixBits(code: number): number {
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 48 && code <= 57) return code + 4;
  return code === 43 || code === 45 ? 62 : code === 47 || code === 95 ? 63 : -1;
}

/** True when the first bytes of the run, decoded from `from`, are mostly text (or UTF-16 text). */
function startsReadable(text: string, from: number, end: number): boolean {
  const stop = Math.min(end, from + PROBE);
  let bits = 0;
  let held = 0;
  let good = 0;
  let total = 0;
  for (let i = from; i < stop; i++) {
    const six = sixBits(text.charCodeAt(i));
    if (six < 0) continue;
    held = ((held << 6) | six) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    total++;
    if (isReadable((held >> bits) & 0xff)) good++;
    else if (total - good > 3) return false;
  }
  return total >= 9 && good >= total * 0.85;
}

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The bytes as UTF-8 where they are, else one character a byte. */
function textOf(bytes: Uint8Array, latin: string): string {
  if (!/[\x80-\xff]/.test(latin)) return latin;
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return latin;
  }
}

function hexRun(text: string, start: number, end: number): Decoded | undefined {
  let stop = start;
  while (stop < end && isHex(text.charCodeAt(stop))) stop++;
  const length = (stop - start) & ~1;
  if (length < SHORTEST * 2) return undefined;
  const probe = hexBytes(text, start, start + PROBE);
  if (readable(probe) < probe.length * 0.85) return undefined;
  return {
    text: hexBytes(text, start, start + length),
    start,
    end: stop,
    binary: false,
    label: "hex",
  };
}

function hexBytes(text: string, start: number, end: number): string {
  const codes: number[] = [];
  for (let i = start; i + 1 < end; i += 2) codes.push(parseInt(text.slice(i, i + 2), 16));
  let out = "";
  for (let i = 0; i < codes.length; i += 4096) {
    out += String.fromCharCode(...codes.slice(i, i + 4096));
  }
  return out;
}

/**
 * Where in a run an encoded text begins that starts readable: at its start, after a joining mark, or a few
 * characters in; -1 when there is none.
 */
function readableStart(text: string, start: number, end: number): number {
  const last = end - SHORTEST;
  const isOne = (from: number) => from <= last && startsReadable(text, from, end);
  if (isOne(start)) return start;
  let budget = Math.min(14, (end - start) >> 3);
  for (let i = start; i < last && budget > 0; i++) {
    if (!isJoiningMark(text.charCodeAt(i))) continue;
    budget--;
    if (isOne(i + 1)) return i + 1;
  }
  for (let from = start + 1; from < start + 4; from++) if (isOne(from)) return from;
  return -1;
}

/** `/`, `-`, `_` and `+`, which stand between names as well as in encoded text. */
function isJoiningMark(code: number): boolean {
  return code === 47 || code === 45 || code === 95 || code === 43;
}

/**
 * What a run of base64 or hex characters says when decoded: at most one text. Runs of binary data
 * that are not text at any plausible beginning are decoded whole from the start when long enough and
 * `binary` is set, because a credential may stand inside.
 */
export function decodeRun(
  text: string,
  start: number,
  end: number,
  binary: boolean,
): Decoded | undefined {
  const zeroX = text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120 ? 2 : 0;
  const hex = hexRun(text, start + zeroX, end);
  if (hex !== undefined) return hex;
  const from = readableStart(text, start, end);
  if (from >= 0) return decoded(text, from, end, false);
  return binary && end - start >= 200 ? decoded(text, start, end, true) : undefined;
}

function decoded(
  text: string,
  start: number,
  end: number,
  binary: boolean,
): Decoded | undefined {
  const source = text.slice(start, end);
  const bytes = Buffer.from(source, "base64");
  if (bytes.length < 12) return undefined;
  return {
    text: binary ? bytes.toString("latin1") : textOf(bytes, bytes.toString("latin1")),
    start,
    end,
    binary,
    label: /[-_]/.test(source) ? "base64url" : "base64",
  };
}
