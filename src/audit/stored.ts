/**
 * What the database says, read so that nothing is lost on the way: a number or a time that was changed
 * beyond what JavaScript holds exactly must not pass for the one that was written.
 */

/** `extract(epoch from …)::text` of a time with whole milliseconds; undefined for any other. */
export function millisOf(epoch: string | null): number | undefined {
  const match = /^(\d{1,13})\.(\d{3})000$/.exec(epoch ?? "");
  const millis = match ? Number(match[1]) * 1000 + Number(match[2]) : NaN;
  return millis <= 8.64e15 ? millis : undefined;
}

/** A `bigint`'s text as a number; undefined when a number cannot hold it exactly. */
export function integerOf(text: string | null): number | undefined {
  const value = Number(text ?? NaN);
  return Number.isSafeInteger(value) && String(value) === text ? value : undefined;
}

/** A `jsonb`'s text as a value; undefined when it holds a number that a double cannot hold exactly. */
export function jsonOf(text: string | null): unknown {
  if (text === null) return undefined;
  if (SUSPICIOUS.test(text) && !hasExactNumbers(text)) return undefined;
  return JSON.parse(text);
}

/** Up to 15 significant digits every decimal is its own double; longer ones and needless zeros are looked at. */
const SUSPICIOUS = /\d[\d.]{15}|\.\d*0(?!\d)/;
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
