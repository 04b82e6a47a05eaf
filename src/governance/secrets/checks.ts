import { isAlnum } from "./alphabet.ts";
import type { CheckName } from "./rules/types.ts";
import { isMixed, isPlaceholder, looksLikePassword } from "./value_shape.ts";

/** Where a confirmed credential ends; -1 when it is none, -n when none can start before n. `text[start, end)` matched the rule's expression. */
export type Check = (text: string, start: number, end: number, value: string) => number;

function isBase64Url(code: number): boolean {
  return isAlnum(code) || code === 45 || code === 95;
}

function runEnd(text: string, from: number, cap: number): number {
  const stop = Math.min(text.length, from + cap);
  let i = from;
  while (i < stop && isBase64Url(text.charCodeAt(i))) i++;
  return i;
}

function decodeBase64Url(part: string): string {
  try {
    return atob(part.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
  } catch {
    return "";
  }
}

/** A header that is JSON with `alg`, then at least a payload; a signature where there is one. */
function checkJwt(text: string, start: number): number {
  const headerEnd = runEnd(text, start, 1200);
  if (text.charCodeAt(headerEnd) !== 46) return -Math.max(1, headerEnd - 3);
  if (headerEnd - start < 16) return -1;
  const payloadEnd = runEnd(text, headerEnd + 1, 16_000);
  if (payloadEnd - headerEnd < 8) {
    return text.charCodeAt(payloadEnd) === 46 ? checkJwe(text, start, headerEnd) : -1;
  }
  if (text.charCodeAt(payloadEnd) !== 46) return -1;
  if (!/"alg"\s*:/.test(decodeBase64Url(text.slice(start, headerEnd)))) return -1;
  const sample = text.slice(headerEnd + 1, Math.min(payloadEnd, headerEnd + 257));
  if (new Set(sample).size < 5) return -1;
  let end = runEnd(text, payloadEnd + 1, 4096);
  for (
    let part = 0;
    part < 2 && text.charCodeAt(end) === 46 && isBase64Url(text.charCodeAt(end + 1));
    part++
  ) {
    end = runEnd(text, end + 1, 16_000);
  }
  return end;
}

/** A direct-key JWE has an empty second part. */
function checkJwe(text: string, start: number, headerEnd: number): number {
  if (!/"enc"\s*:/.test(decodeBase64Url(text.slice(start, headerEnd)))) return -1;
  let end = headerEnd;
  for (let part = 0; part < 4 && text.charCodeAt(end) === 46; part++) {
    end = runEnd(text, end + 1, 16_000);
  }
  return end - headerEnd > 40 ? end : -1;
}

const PEM_BODY_MIN = 40;

/** A key body after the header: base64 over lines, escaped line ends, quotes, header fields. */
function checkPem(text: string, _start: number, end: number): number {
  const window = text.slice(end, end + 16_000);
  const footer = /-{3,5} ?END[ A-Z0-9]{0,40}-{3,5}/.exec(window);
  const body = footer === null ? window.slice(0, 4000) : window.slice(0, footer.index);
  const fields = /^(?:\s|\\[nr])*(?:[A-Z][\w-]{2,20}: ?[^\n\\]{0,120}(?:\s|\\[nr])*){0,6}/.exec(
    body,
  );
  const rest = body.slice(fields?.[0].length ?? 0);
  const stripped = rest.replace(/\\[nrt]|[\s"'`,+\\;\[\]]|&#10;|%0A/gi, "");
  const key = /^[A-Za-z0-9+/=]*/.exec(stripped)?.[0] ?? "";
  if (key.length < PEM_BODY_MIN || new Set(key).size < 12) return -1;
  return footer === null ? end + pemTail(window) : end + footer.index + footer[0].length;
}

function pemTail(window: string): number {
  return /^[A-Za-z0-9+/=\s\\:,-]{0,4000}/.exec(window)?.[0].length ?? 0;
}

function checkBasicPair(text: string, start: number, end: number, value: string): number {
  const pair = /([^\s:'"=]{1,64}):([^\s'"]{3,128})$/.exec(text.slice(start, end));
  const [user, password] = [pair?.[1] ?? "", pair?.[2] ?? value];
  if (user === password || /^\d+$/.test(user) || isPlaceholder(password)) return -1;
  if (/^(?:main|master|head|latest|\d{1,6}|\/.*)$/i.test(password)) return -1;
  const command = text.slice(Math.max(0, start - 500), start);
  return /curl|wget|http|proxy|ldap|user/i.test(command) ? end : -1;
}

function checkPassword(_text: string, _start: number, end: number, value: string): number {
  return isPlaceholder(value) || /^\$/.test(value)
    ? -1
    : looksLikePassword(value, true) || value.length >= 6
    ? end
    : -1;
}

/** The proofs that rules name. */
export const CHECKS: Readonly<Record<CheckName, Check>> = {
  jwt: checkJwt,
  pem: checkPem,
  basic_pair: checkBasicPair,
  password: checkPassword,
  aws_pair: (_text, _start, end, value) => isMixed(value) || /[A-Z]{8}/.test(value) ? end : -1,
  mixed: (_text, _start, end, value) => isMixed(value) ? end : -1,
};
