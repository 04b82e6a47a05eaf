import { showHidden } from "./hidden_text.ts";

/** One line of a difference: what was approved (`-`), what is offered (`+`), what is in both (` `). */
export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

/**
 * What would change if `offered` were approved in the place of `approved` (undefined: a new tool), line
 * by line, with everything invisible or look-alike written out.
 */
export function diffTool(approved: unknown, offered: unknown): DiffLine[] {
  const before = approved === undefined || approved === null ? [] : linesOf(approved);
  return diffLines(before, linesOf(offered));
}

/** One line for each value, texts one for each of their own lines. */
function linesOf(definition: unknown): string[] {
  return describe(definition, "").map(showHidden);
}

function describe(value: unknown, path: string): string[] {
  if (typeof value === "string") {
    const parts = value.split("\n");
    if (parts.length === 1) return [`${path}: ${value}`];
    return parts.map((part, at) => `${path}[line ${at + 1}]: ${part}`);
  }
  if (typeof value !== "object" || value === null) return [`${path}: ${JSON.stringify(value)}`];
  const members = Array.isArray(value)
    ? value.map((item, at) => [`${path}[${at}]`, item] as const)
    : Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, member]) => [path === "" ? key : `${path}.${key}`, member] as const);
  if (members.length === 0) return [`${path}: ${Array.isArray(value) ? "[]" : "{}"}`];
  return members.flatMap(([name, member]) => describe(member, name));
}

/** Lines that a difference is computed over exactly; beyond it, all of one follows all of the other. */
const MAX_LINES = 2000;

/** Longest common subsequence, from the back, so that it is read from the front. */
function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const minus = (text: string): DiffLine => ({ sign: "-", text });
  const plus = (text: string): DiffLine => ({ sign: "+", text });
  if (before.length > MAX_LINES || after.length > MAX_LINES) {
    return [...before.map(minus), ...after.map(plus)];
  }
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] = before[i] === after[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: " ", text: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(minus(old));
      i++;
    } else if (fresh !== undefined) {
      lines.push(plus(fresh));
      j++;
    }
  }
  return lines;
}
