import { CLASS_OF, CLASSES } from "./alphabet.ts";

/**
 * A finite automaton over character classes that knows, after each character, which anchors end
 * there. States at or above `accepting` end at least one anchor.
 */
export interface Automaton {
  readonly next: Uint16Array;
  readonly accepting: number;
  /** Anchor numbers that end in a state, by state minus `accepting`; longest first. */
  readonly ends: readonly (readonly number[])[];
}

interface Trie {
  readonly children: Map<number, number>[];
  readonly ends: number[][];
}

function plant(anchors: readonly string[]): Trie {
  const trie: Trie = { children: [new Map()], ends: [[]] };
  anchors.forEach((anchor, number) => {
    let node = 0;
    for (let i = 0; i < anchor.length; i++) {
      const cls = CLASS_OF[anchor.charCodeAt(i)] ?? 0;
      const children = trie.children[node] ?? new Map();
      let child = children.get(cls);
      if (child === undefined) {
        child = trie.children.length;
        children.set(cls, child);
        trie.children.push(new Map());
        trie.ends.push([]);
      }
      node = child;
    }
    trie.ends[node]?.push(number);
  });
  return trie;
}

/** Fills in, breadth first, where a state goes when its trie has no child for a class. */
function complete(trie: Trie): { next: Int32Array; order: number[] } {
  const count = trie.children.length;
  const next = new Int32Array(count * CLASSES);
  const fail = new Int32Array(count);
  const order = [0];
  for (let head = 0; head < order.length; head++) {
    const node = order[head] ?? 0;
    const back = fail[node] ?? 0;
    if (node !== 0) trie.ends[node]?.push(...trie.ends[back] ?? []);
    for (let cls = 0; cls < CLASSES; cls++) {
      const child = trie.children[node]?.get(cls);
      const other = node === 0 ? 0 : next[back * CLASSES + cls] ?? 0;
      next[node * CLASSES + cls] = child ?? other;
      if (child !== undefined) {
        fail[child] = other;
        order.push(child);
      }
    }
  }
  return { next, order };
}

/** Builds the automaton of the anchors, which are matched without regard to letter case. */
export function buildAutomaton(anchors: readonly string[]): Automaton {
  const trie = plant(anchors);
  const { next, order } = complete(trie);
  const silent = order.filter((node) => trie.ends[node]?.length === 0);
  const loud = order.filter((node) => trie.ends[node]?.length !== 0);
  const names = new Int32Array(order.length);
  [...silent, ...loud].forEach((node, name) => names[node] = name);
  const renamed = new Uint16Array(next.length);
  for (const node of order) {
    for (let cls = 0; cls < CLASSES; cls++) {
      const to = next[node * CLASSES + cls] ?? 0;
      renamed[(names[node] ?? 0) * CLASSES + cls] = names[to] ?? 0;
    }
  }
  return {
    next: renamed,
    accepting: silent.length,
    ends: loud.map((node) => trie.ends[node] ?? []),
  };
}
