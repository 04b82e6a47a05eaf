/** A decoded text and how much of the run it came from. */
export interface Decoded {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly label: "base64" | "base64url" | "hex";
}

const SHORTEST = 20;
const PROBE = 24;

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function bytesOf(base64: string): string {
  const clean = base64.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
  const whole = clean.length % 4 === 1 ? clean.slice(0, -1) : clean;
  try {
    return atob(whole);
  } catch {
    return "";
  }
}

function readable(bytes: string): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    if ((code >= 32 && code < 127) || code === 10 || code === 13 || code === 9 || code === 0) {
      count++;
    }
  }
  return count;
}

/** True when the first bytes of the run, decoded from `from`, are mostly text (or UTF-16 text). */
function startsReadable(text: string, from: number, end: number): boolean {
  const bytes = bytesOf(text.slice(from, Math.min(end, from + PROBE)));
  return bytes.length >= 9 && readable(bytes) >= bytes.length * 0.85;
}

function utf8(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return decodeURIComponent(escapeBytes(bytes));
  } catch {
    return bytes;
  }
}

function escapeBytes(bytes: string): string {
  return bytes.replace(
    /[^A-Za-z0-9]/g,
    (char) => "%" + char.charCodeAt(0).toString(16).padStart(2, "0"),
  );
}

function hexRun(text: string, start: number, end: number): Decoded | undefined {
  let stop = start;
  while (stop < end && isHex(text.charCodeAt(stop))) stop++;
  const length = (stop - start) & ~1;
  if (length < SHORTEST * 2) return undefined;
  const probe = hexBytes(text, start, start + PROBE);
  if (readable(probe) < probe.length * 0.85) return undefined;
  return { text: hexBytes(text, start, start + length), start, end: stop, label: "hex" };
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

/** Offsets at which an encoded text may begin in a run: its start, and after each joining mark. */
function* beginnings(text: string, start: number, end: number): Generator<number> {
  yield start;
  let budget = Math.min(14, (end - start) >> 3);
  for (let i = start; i + SHORTEST < end && budget > 0; i++) {
    const code = text.charCodeAt(i);
    if (code !== 47 && code !== 45 && code !== 95 && code !== 43) continue;
    budget--;
    yield i + 1;
  }
  for (let i = 1; i < 4; i++) yield start + i;
}

/**
 * What a run of base64 or hex characters says when decoded: at most one text. Runs of binary data
 * that are not text at any plausible beginning are decoded whole from the start when long enough,
 * because a credential may stand inside.
 */
export function decodeRun(text: string, start: number, end: number): Decoded | undefined {
  const zeroX = text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120 ? 2 : 0;
  const hex = hexRun(text, start + zeroX, end);
  if (hex !== undefined) return hex;
  for (const from of beginnings(text, start, end)) {
    if (end - from >= SHORTEST && startsReadable(text, from, end)) return decoded(text, from, end);
  }
  return end - start >= 200 ? decoded(text, start, end) : undefined;
}

function decoded(text: string, start: number, end: number): Decoded | undefined {
  const source = text.slice(start, end);
  const bytes = bytesOf(source);
  if (bytes.length < 12) return undefined;
  return { text: utf8(bytes), start, end, label: /[-_]/.test(source) ? "base64url" : "base64" };
}
