import { parseExactly } from "../kernel/exact_json.ts";

/**
 * What the database says, read so that nothing is lost on the way: a number or a time that was changed
 * beyond what JavaScript holds exactly must not pass for the one that was written.
 */

/** `extract(epoch from …)::text` of a time with whole milliseconds; undefined for any other. */
export function millisOf(epoch: string | null): number | undefined {
  if (epoch === null || !/^\d{1,13}\.\d{3}000$/.test(epoch)) return undefined;
  const millis = Number(epoch.slice(0, -7)) * 1000 + Number(epoch.slice(-6, -3));
  return millis <= 8.64e15 ? millis : undefined;
}

/** A `bigint`'s text as a number; undefined when a number cannot hold it exactly. */
export function integerOf(text: string | null): number | undefined {
  const value = Number(text ?? NaN);
  return Number.isSafeInteger(value) && String(value) === text ? value : undefined;
}

/** The text of a `jsonb` object as a value; undefined for anything else, and when a double cannot hold a number in it. */
export function jsonOf(text: string | null): unknown {
  if (text === null || !text.startsWith("{")) return undefined;
  if (SUSPICIOUS.test(text) && !hasExactNumbers(text)) return undefined;
  return parseExactly(text);
}

/**
 * Numbers to look at: in `jsonb` text a number stands behind a space or a bracket. Up to 15 significant
 * digits every decimal is a double of its own, unless it ends with needless zeros.
 */
const SUSPICIOUS = /[ []-?\d(?:[\d.]{15}|\d*\.\d*0(?!\d))/;
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?/g;

function hasExactNumbers(text: string): boolean {
  for (const [token] of text.matchAll(TOKENS)) {
    if (!token.startsWith('"') && decimalOf(Number(token)) !== token) return false;
  }
  return true;
}

/** A double without an exponent, as PostgreSQL prints the numeric that its shortest text makes. */
function decimalOf(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = "", first = "", rest = "", power = "0"] = match;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
