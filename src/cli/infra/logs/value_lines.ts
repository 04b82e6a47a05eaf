import { fit, harmless, widthOf } from "../../output/width.ts";

export interface ValueOptions {
  readonly indent: string;
  readonly columns: number;
  /** At most this many lines; the rest is counted. */
  readonly maxLines: number;
}

/** Any JSON value as lines that people can read: text as text, the rest as indented JSON. */
export function valueLines(value: unknown, options: ValueOptions): string[] {
  const { indent, columns, maxLines } = options;
  const room = Math.max(20, columns - widthOf(indent));
  const lines = linesOf(value).flatMap((line) => wrap(harmless(line), room));
  const shown = lines.length > maxLines ? lines.slice(0, maxLines - 1) : lines;
  const hidden = lines.length - shown.length;
  const rest = hidden > 0 ? [`… ${hidden} more lines (--full)`] : [];
  return [...shown, ...rest].map((line) => indent + line);
}

function linesOf(value: unknown): string[] {
  if (typeof value === "string") return value.replace(/\n$/, "").split("\n");
  if (!isPlain(value)) return JSON.stringify(value, undefined, 2).split("\n");
  const names = Object.keys(value);
  const width = Math.max(0, ...names.map(widthOf));
  return Object.entries(value).flatMap(([name, member]) => {
    const [first = "", ...more] = memberLines(member);
    const gap = " ".repeat(width - widthOf(name) + 2);
    return [`${name}${gap}${first}`, ...more.map((line) => " ".repeat(width + 2) + line)];
  });
}

function memberLines(value: unknown): string[] {
  if (typeof value === "string") return value.replace(/\n$/, "").split("\n");
  const short = JSON.stringify(value) ?? "-";
  return short.length <= 80 ? [short] : JSON.stringify(value, undefined, 2).split("\n");
}

/** An object of few members with short names: shown as name and value. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.keys(value).length > 0 && Object.keys(value).every((name) => widthOf(name) <= 24);
}

/** Breaks a line that is too long, at a space where there is one near the end; the pieces keep its indent. */
export function wrap(line: string, room: number): string[] {
  const indent = /^ */.exec(line)?.[0].slice(0, room / 2) ?? "";
  const pieces: string[] = [];
  let rest = line;
  while (widthOf(rest) > room) {
    const piece = fit(rest, room + 1).replace(/…$/, "");
    const space = piece.lastIndexOf(" ");
    const end = space > indent.length + room / 2 ? space : piece.length || 1;
    pieces.push(rest.slice(0, end).trimEnd());
    rest = indent + rest.slice(end).trimStart();
  }
  return [...pieces, rest];
}
