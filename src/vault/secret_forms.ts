import { Buffer } from "node:buffer";
import { isFiller } from "./pattern_automaton.ts";

/**
 * Every way of writing a value that is looked for: as it is, reversed, in base64, hexadecimal, percent
 * encoding, and with the escapes of JSON, HTML and shells. Line breaks and blanks inside a form need no form of
 * their own, see `pattern_automaton.ts`. Of values beyond `LARGE_BYTES` the escapes of every single character are
 * left out.
 */
export function formsOf(value: Uint8Array): readonly Uint8Array[] {
  const text = new TextDecoder().decode(value);
  const forms = [
    ...textForms(text),
    ...base64Forms(value),
    ...hexForms(value),
    ...linesOf(text),
    ...value.length > LARGE_BYTES ? [] : escapesOf(value, text),
  ];
  const distinct = new Set(forms.map((form) => form.replace(/[\t\n\r ]/g, "")));
  return [...distinct].map((form) => new TextEncoder().encode(form)).filter(isLongEnough);
}

/** Whether a value can be looked for: fewer than eight bytes would be found in ordinary text. */
export function isLongEnough(value: Uint8Array): boolean {
  return value.filter((byte) => !isFiller(byte)).length >= SHORTEST_BYTES;
}

/** What is shorter is not looked for. */
export const SHORTEST_BYTES = 8;
const LARGE_BYTES = 4096;

function textForms(text: string): string[] {
  const json = inJson(text);
  const percent = encodeURIComponent(text);
  return [
    text,
    [...text].reverse().join(""),
    json,
    inJson(json),
    json.replaceAll("/", "\\/"),
    asciiOnly(json),
    text.replace(/[&<>"']/g, (sign) => HTML[sign] ?? sign),
    text.replaceAll("'", "'\\''"),
    percent,
    percent.replace(/%../g, (escape) => escape.toLowerCase()),
    percent.replaceAll("%20", "+"),
    percent.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  ];
}

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function asciiOnly(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Each line of a value of several: a key's lines are shown one by one. What frames them is no secret. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.length === 1
    ? []
    : lines.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));
}

const SHORTEST_LINE = 16;

/**
 * Base64 of the value wherever it stands in what was encoded: of each of the three offsets the characters
 * that the value alone decides, and as a whole with its last character and padding.
 */
function base64Forms(value: Uint8Array): string[] {
  const whole = Buffer.from(value).toString("base64");
  const inside = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), value]);
    const first = Math.ceil(offset * 8 / 6);
    const last = Math.floor(shifted.length * 8 / 6);
    return shifted.toString("base64").slice(first, last);
  });
  const all = [whole, whole.replaceAll("=", ""), ...inside];
  return [...all, ...all.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"))];
}

function hexForms(value: Uint8Array): string[] {
  const pairs = Array.from(value, hexPair);
  const lower = ["", ":"].map((between) => pairs.join(between));
  return [...lower, ...lower.map((form) => form.toUpperCase())];
}

function hexPair(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Every character escaped: `%67`, `\x67`, `\u0067`, `&#103;`, `&#x67;`. */
function escapesOf(value: Uint8Array, text: string): string[] {
  const bytes = Array.from(value, hexPair);
  const units = text.split("");
  const points = [...text].map((sign) => sign.codePointAt(0) ?? 0);
  const lower = [
    bytes.map((pair) => `%${pair}`).join(""),
    bytes.map((pair) => `\\x${pair}`).join(""),
    units.map(unicodeEscape).join(""),
    points.map((point) => `&#x${point.toString(16)};`).join(""),
  ];
  const upper = lower.map((form) => form.replace(/[0-9a-f]+/g, (digits) => digits.toUpperCase()));
  return [...lower, ...upper, points.map((point) => `&#${point};`).join("")];
}
