import type { Look } from "../../output/table.ts";

/** A time as people read it: UTC to the millisecond. */
export function timeText(at: string | Date): string {
  const text = typeof at === "string" ? at : at.toISOString();
  return text.replace("T", " ").replace("Z", " UTC");
}

/** The short form for lists: the day without the year when it is this year's. */
export function shortTime(at: Date, now: number): string {
  const text = at.toISOString();
  const sameYear = text.slice(0, 4) === new Date(now).toISOString().slice(0, 4);
  return text.slice(sameYear ? 5 : 0, 19).replace("T", " ");
}

/** `0 ms`, `12 µs`, `3.4 ms`, `2.1 s`, `4 min 10 s` */
export function durationText(us: number): string {
  if (us === 0) return "0 ms";
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${trim(us / 1000)} ms`;
  if (us < 60_000_000) return `${trim(us / 1_000_000)} s`;
  const seconds = Math.round(us / 1_000_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function trim(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
}

/** Microdollars as dollars, with as many digits as there are: `$0.00014`, `$1.20`. */
export function dollarText(microdollars: number): string {
  const text = (microdollars / 1_000_000).toFixed(6).replace(/0{1,4}$/, "");
  return `$${text}`;
}

/** `1,234,567` */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 row`, `3 rows` */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export type Paint = "good" | "bad" | "faint" | "strong";

const CODES: Readonly<Record<Paint, string>> = { good: "32", bad: "31", faint: "2", strong: "1" };

export function paint(text: string, how: Paint, { color }: Look): string {
  return color ? `\x1b[${CODES[how]}m${text}\x1b[0m` : text;
}

/** Colour of a decision or an outcome. */
export function paintOf(decision: string): Paint {
  if (["allow", "ok"].includes(decision)) return "good";
  return decision === "open" ? "faint" : "bad";
}
