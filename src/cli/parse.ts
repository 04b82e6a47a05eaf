import { type Clock, parseDuration, systemClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";

/** Text to a value; throws an `AppError` with code `usage` that says what was expected. */
export type Parse<T> = (text: string) => T;

const RFC_3339 =
  /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/;

/**
 * A moment: a duration back from now (`15m`, `24h`, `7d`, `4w`) or RFC 3339 (`2026-08-01T10:00:00Z`; a
 * bare date is midnight UTC).
 */
export function parseMoment(text: string, clock: Clock = systemClock): Date {
  const back = parseDuration(text);
  if (back !== undefined) return new Date(clock.now() - back);
  const moment = RFC_3339.test(text) ? new Date(text.toUpperCase().replace(" ", "T")) : undefined;
  if (moment && !Number.isNaN(moment.getTime())) return moment;
  throw new AppError(
    "usage",
    `Cannot read ${
      JSON.stringify(text)
    } as a time: expected 15m, 24h, 7d, 4w or 2026-08-01T10:00:00Z`,
  );
}

/** Milliseconds of `500ms`, `15m`, `24h`, `7d`, `4w`. */
export function parseLength(text: string): number {
  const length = parseDuration(text);
  if (length !== undefined) return length;
  throw new AppError(
    "usage",
    `Cannot read ${JSON.stringify(text)} as a duration: expected 30s, 15m, 24h, 7d or 4w`,
  );
}

/** A parser of whole numbers from `min` to `max`. */
export function parseInteger(min: number, max: number = Number.MAX_SAFE_INTEGER): Parse<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new AppError(
      "usage",
      `Cannot use ${JSON.stringify(text)}: expected a whole number ${range}`,
    );
  };
}

export const parsePort: Parse<number> = parseInteger(0, 65535);

/** A parser of text that may not be empty. */
export function parseText(text: string): string {
  if (text.trim() !== "") return text;
  throw new AppError("usage", "Cannot use an empty text here");
}
