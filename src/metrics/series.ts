import type { LabelName, Labels } from "./family.ts";

/** One value for each label, in the order in which the labels were declared. */
export type Values<L extends readonly LabelName[]> = { readonly [K in keyof L]: string };

/** Series of one family; what comes after them is counted as `other`. */
export const MAX_SERIES = 200;
const MAX_CHARACTERS = 80;
const OTHER = "other";

/**
 * What each combination of label values has, made when it is first asked for. However many values there are,
 * it keeps a bounded number of bounded names.
 */
export class SeriesTable<L extends readonly LabelName[], T> {
  readonly #names: L;
  readonly #make: () => T;
  readonly #series = new Map<string, { readonly labels: Labels; readonly item: T }>();

  constructor(names: L, make: () => T) {
    this.#names = names;
    this.#make = make;
  }

  at(values: Values<L>): T {
    const key = keyOf(values);
    const found = this.#series.get(key);
    if (found) return found.item;
    if (this.#series.size < MAX_SERIES) return this.#add(key, values);
    const others = this.#names.map(() => OTHER);
    return this.#series.get(keyOf(others))?.item ?? this.#add(keyOf(others), others);
  }

  *entries(): Generator<readonly [Labels, T]> {
    for (const { labels, item } of this.#series.values()) yield [labels, item];
  }

  #add(key: string, values: readonly string[]): T {
    const labels = Object.fromEntries(
      this.#names.map((name, index) => [name, shortened(values[index] ?? "").toWellFormed()]),
    );
    const item = this.#make();
    this.#series.set(key, { labels, item });
    return item;
  }
}

function keyOf(values: readonly string[]): string {
  let key = "";
  for (const value of values) key += `${shortened(value)}\n`;
  return key;
}

function shortened(value: string): string {
  return value.length > MAX_CHARACTERS ? value.slice(0, MAX_CHARACTERS) : value;
}
