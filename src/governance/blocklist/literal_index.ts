/** Finds which of many literals a text contains, in one pass over the text. */
export interface LiteralIndex {
  /** Indexes of the literals that stand in `text`, compared in lower case. */
  find(text: string): ReadonlySet<number>;
  /** Whether any literal stands in `text` at a place that `accept` agrees to. */
  has(text: string, accept?: Accept): boolean;
}

/** Judges one place: which literal, and the index behind its last letter. */
export type Accept = (literal: number, end: number) => boolean;

const NONE: ReadonlySet<number> = new Set();

/** Below this many, the engine's own search is the faster one. */
const FEW = 4;

export function compileLiterals(literals: readonly string[]): LiteralIndex {
  const folded = literals.map((literal) => literal.toLowerCase());
  if (folded.length <= FEW) {
    return {
      find: (text) => {
        const lower = text.toLowerCase();
        return new Set(folded.flatMap((literal, i) => lower.includes(literal) ? [i] : []));
      },
      has: (text, accept) => {
        const lower = text.toLowerCase();
        return folded.some((literal, i) => occurs(lower, literal, i, accept));
      },
    };
  }
  return automaton(folded);
}

function occurs(
  text: string,
  literal: string,
  index: number,
  accept: Accept | undefined,
): boolean {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    if (accept === undefined || accept(index, at + literal.length)) return true;
  }
  return false;
}

/** Aho and Corasick's automaton over lower-case code units, the next state of each in one table. */
function automaton(literals: readonly string[]): LiteralIndex {
  const classes = new Uint16Array(65536);
  let width = 1;
  for (const literal of literals) {
    for (let i = 0; i < literal.length; i++) {
      const code = literal.charCodeAt(i);
      if (classes[code] === 0) {
        const upper = literal.charAt(i).toUpperCase();
        if (upper.length === 1) classes[upper.charCodeAt(0)] = width;
        classes[code] = width++;
      }
    }
  }
  const { table, ends } = buildTable(literals, classes, width);
  const ending = Uint8Array.from(ends, (end) => end === undefined ? 0 : 1);
  return {
    find: (text) => {
      let found: Set<number> | undefined;
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        state = table[state * width + (classes[text.charCodeAt(i)] ?? 0)] ?? 0;
        if (ending[state] === 0) continue;
        found ??= new Set();
        for (const literal of ends[state] ?? []) found.add(literal);
      }
      return found ?? NONE;
    },
    has: (text, accept) => {
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        state = table[state * width + (classes[text.charCodeAt(i)] ?? 0)] ?? 0;
        if (ending[state] === 0) continue;
        if (accept === undefined || ends[state]?.some((found) => accept(found, i + 1))) return true;
      }
      return false;
    },
  };
}

function buildTable(
  literals: readonly string[],
  classes: Uint16Array,
  width: number,
): { readonly table: Int32Array; readonly ends: (readonly number[] | undefined)[] } {
  const states = 1 + literals.reduce((sum, literal) => sum + literal.length, 0);
  const table = new Int32Array(states * width);
  const ends: (number[] | undefined)[] = new Array(states).fill(undefined);
  let count = 1;
  literals.forEach((literal, index) => {
    let state = 0;
    for (let i = 0; i < literal.length; i++) {
      const slot = state * width + (classes[literal.charCodeAt(i)] ?? 0);
      table[slot] ||= count++;
      state = table[slot] ?? 0;
    }
    (ends[state] ??= []).push(index);
  });
  linkFailures(table, ends, width);
  return { table, ends };
}

function linkFailures(
  table: Int32Array,
  ends: (number[] | undefined)[],
  width: number,
): void {
  const fail = new Int32Array(ends.length);
  const queue = [...table.subarray(0, width)].filter((state) => state !== 0);
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const back = fail[state] ?? 0;
    const inherited = ends[back];
    if (inherited) ends[state] = [...(ends[state] ?? []), ...inherited];
    for (let c = 0; c < width; c++) {
      const next = table[state * width + c] ?? 0;
      const fallback = table[back * width + c] ?? 0;
      if (next === 0) table[state * width + c] = fallback;
      else {
        fail[next] = fallback;
        queue.push(next);
      }
    }
  }
}
