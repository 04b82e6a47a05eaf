import type { Family, LabelName, Labels, Point } from "./family.ts";
import { SeriesTable, type Values } from "./series.ts";

/** What a family is called, in OpenTelemetry's names and units, and what it counts. */
export interface Description {
  readonly name: string;
  readonly unit: string;
  readonly help: string;
}

/** Only grows, from the start of the isolate on. */
export interface Counter<L extends readonly LabelName[]> {
  add(values: Values<L>, amount?: number): void;
}

export interface Histogram<L extends readonly LabelName[]> {
  /** In the family's unit. */
  record(values: Values<L>, value: number): void;
}

/** A value that is looked up when somebody asks for it. */
export type Reading = number | readonly { readonly labels: Labels; readonly value: number }[];

/** The numbers of one isolate. */
export interface Registry {
  counter<const L extends readonly LabelName[]>(description: Description, labels: L): Counter<L>;
  histogram<const L extends readonly LabelName[]>(
    description: Description,
    labels: L,
    bounds: readonly number[],
  ): Histogram<L>;
  /** A counter or gauge that something else keeps. One that cannot be read is left out. */
  observe(
    kind: "counter" | "gauge",
    description: Description,
    read: () => Reading | Promise<Reading>,
  ): void;
  families(): Promise<readonly Family[]>;
}

/** Makes an empty registry, which counts from `since` on (milliseconds since 1970). */
export function createRegistry(since: number = Date.now()): Registry {
  const readers: (() => Family | Promise<Family>)[] = [];
  return {
    counter(description, labels) {
      const table = new SeriesTable(labels, () => ({ value: 0 }));
      readers.push(() => ({
        ...description,
        kind: "counter",
        since,
        points: Array.from(table.entries(), ([labels, { value }]) => ({ labels, value })),
      }));
      return {
        add: (values, amount = 1) => {
          table.at(values).value += amount;
        },
      };
    },
    histogram(description, labels, bounds) {
      const table = new SeriesTable(labels, () => new Buckets(bounds));
      readers.push(() => ({
        ...description,
        kind: "histogram",
        since,
        bounds,
        points: Array.from(table.entries(), ([labels, buckets]) => buckets.point(labels)),
      }));
      return { record: (values, value) => table.at(values).record(value) };
    },
    observe(kind, description, read) {
      readers.push(async () => ({ ...description, kind, since, points: pointsOf(await read()) }));
    },
    async families() {
      const read = await Promise.allSettled(readers.map(async (each) => await each()));
      return read.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    },
  };
}

function pointsOf(reading: Reading): readonly Point[] {
  return typeof reading === "number" ? [{ labels: {}, value: reading }] : reading;
}

/** What was recorded, by the bucket it falls into. */
class Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  /** What is no number, or less than nothing (a clock that stepped), would spoil the sum for ever. */
  record(value: number): void {
    const safe = value >= 0 && Number.isFinite(value) ? value : 0;
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && safe > (bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += safe;
    this.#count++;
  }

  point(labels: Labels): Point {
    return { labels, counts: [...this.#counts], sum: this.#sum, count: this.#count };
  }
}
