/** A sequence of bytes to find, and the number of whom it belongs to. */
export interface Pattern {
  readonly bytes: Uint8Array;
  readonly owner: number;
}

/** Patterns that end somewhere: how long the longest is, and whose they are. */
export interface Ending {
  readonly length: number;
  readonly owners: readonly number[];
}

const BLANKS: readonly number[] = [0x09, 0x0a, 0x0d, 0x20];

/**
 * Line breaks and blanks do not count, neither in patterns nor in what is searched: encoders break long lines
 * and put hexadecimal digits in groups.
 */
export function isFiller(byte: number): boolean {
  return byte <= 0x20 && BLANKS.includes(byte);
}

/**
 * Finds any number of patterns in one pass (Aho and Corasick): each byte takes a constant number of steps
 * on average, whatever the patterns and the text are. A state is a beginning of patterns; state 0 is the
 * empty one. Plain arrays of numbers, so that they can be overwritten when the patterns must go.
 */
export class PatternAutomaton {
  readonly #byte: Uint8Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #fallback: Int32Array;
  readonly #depth: Int32Array;
  readonly #owner: Int32Array;
  readonly #roots = new Int32Array(256);
  readonly #endings: (Ending | undefined)[] = [];
  #states = 1;

  constructor(patterns: readonly Pattern[]) {
    const most = patterns.reduce((sum, { bytes }) => sum + bytes.length, 1);
    this.#byte = new Uint8Array(most);
    this.#firstChild = new Int32Array(most);
    this.#nextSibling = new Int32Array(most);
    this.#fallback = new Int32Array(most);
    this.#depth = new Int32Array(most);
    this.#owner = new Int32Array(most);
    for (const pattern of patterns) this.#add(pattern);
    this.#link();
  }

  /** The longest beginning of a pattern that what was read ends with, after one byte more. */
  step(from: number, byte: number): number {
    let state = from;
    for (;;) {
      const next = this.#child(state, byte);
      if (next !== 0 || state === 0) return next;
      state = this.#fallback[state] ?? 0;
    }
  }

  /** How many bytes, fillers not counted, the state's beginning has. */
  depth(state: number): number {
    return this.#depth[state] ?? 0;
  }

  /** Somebody whose pattern begins so. */
  ownerOf(state: number): number {
    return this.#owner[state] ?? 0;
  }

  /** The patterns that are complete in this state. */
  endingAt(state: number): Ending | undefined {
    return this.#endings[state];
  }

  /** Overwrites the patterns; nothing is found any more. */
  wipe(): void {
    for (const numbers of [this.#byte, this.#firstChild, this.#nextSibling, this.#roots]) {
      numbers.fill(0);
    }
    this.#endings.length = 0;
  }

  #child(state: number, byte: number): number {
    if (state === 0) return this.#roots[byte] ?? 0;
    let child = this.#firstChild[state] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#nextSibling[child] ?? 0;
    return child;
  }

  #add({ bytes, owner }: Pattern): void {
    let state = 0;
    for (const byte of bytes) {
      if (!isFiller(byte)) state = this.#child(state, byte) || this.#grow(state, byte, owner);
    }
    const owners = this.#endings[state]?.owners ?? [];
    this.#endings[state] = { length: this.depth(state), owners: union(owners, [owner]) };
  }

  #grow(state: number, byte: number, owner: number): number {
    const child = this.#states++;
    this.#owner[child] = owner;
    this.#byte[child] = byte;
    this.#depth[child] = this.depth(state) + 1;
    if (state === 0) {
      this.#roots[byte] = child;
    } else {
      this.#nextSibling[child] = this.#firstChild[state] ?? 0;
      this.#firstChild[state] = child;
    }
    return child;
  }

  /** Where to go on when a byte does not fit: level by level, since each rests on shorter ones. */
  #link(): void {
    const queue = this.#roots.filter((state) => state !== 0);
    const order = Array.from(queue);
    for (let at = 0; at < order.length; at++) {
      const state = order[at] ?? 0;
      for (let child = this.#firstChild[state] ?? 0; child !== 0;) {
        const fallback = this.step(this.#fallback[state] ?? 0, this.#byte[child] ?? 0);
        this.#fallback[child] = fallback;
        this.#endings[child] = joined(this.#endings[child], this.#endings[fallback]);
        order.push(child);
        child = this.#nextSibling[child] ?? 0;
      }
    }
  }
}

function joined(own: Ending | undefined, shorter: Ending | undefined): Ending | undefined {
  if (!own || !shorter) return own ?? shorter;
  return { length: own.length, owners: union(own.owners, shorter.owners) };
}

function union(one: readonly number[], other: readonly number[]): readonly number[] {
  return [...new Set([...one, ...other])];
}
