const COLUMNS = 4;

/**
 * Where a folded text differs from the text it was made of, in order. Numbers in one growing array: there
 * may be hundreds of thousands, and objects would cost more than the folding.
 */
export class Changes {
  #numbers = new Int32Array(64 * COLUMNS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `length` characters at `at` stand for `fromLength` characters at `from`. */
  add(at: number, length: number, from: number, fromLength: number): void {
    const offset = this.#length++ * COLUMNS;
    if (offset === this.#numbers.length) this.#grow();
    this.#numbers[offset] = at;
    this.#numbers[offset + 1] = length;
    this.#numbers[offset + 2] = from;
    this.#numbers[offset + 3] = fromLength;
  }

  /** Where in the folded text change `index` begins. */
  at(index: number): number {
    return this.#numbers[index * COLUMNS] ?? 0;
  }

  /** Where in the folded text it ends. */
  end(index: number): number {
    return this.at(index) + (this.#numbers[index * COLUMNS + 1] ?? 0);
  }

  /** Where it begins in the text before. */
  from(index: number): number {
    return this.#numbers[index * COLUMNS + 2] ?? 0;
  }

  /** Where it ends in the text before. */
  fromEnd(index: number): number {
    return this.from(index) + (this.#numbers[index * COLUMNS + 3] ?? 0);
  }

  /** Index of the last change that begins at or before `at`, or -1. */
  before(at: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #grow(): void {
    const larger = new Int32Array(this.#numbers.length * 4);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** Collects text piece by piece; many tiny pieces cost no more than few large ones. */
export class TextBuilder {
  readonly #codes = new Uint16Array(8192);
  #used = 0;
  #done = "";

  get length(): number {
    return this.#done.length + this.#used;
  }

  /** Appends `text[start, end)`. */
  add(text: string, start = 0, end: number = text.length): void {
    if (end - start > 64) {
      this.#flush();
      this.#done += text.slice(start, end);
      return;
    }
    if (this.#used + end - start > this.#codes.length) this.#flush();
    for (let i = start; i < end; i++) this.#codes[this.#used++] = text.charCodeAt(i);
  }

  toString(): string {
    this.#flush();
    return this.#done;
  }

  #flush(): void {
    if (this.#used === 0) return;
    const codes = this.#codes.subarray(0, this.#used);
    this.#done += String.fromCharCode.apply(null, codes as unknown as number[]);
    this.#used = 0;
  }
}
