/** Buckets for each power of two: a value is known to within 1/64, about 1.6 %. */
const HALF = 64;
const BUCKETS = HALF * 27;

/** Where half, nine tenths … of the values lie, in the unit that was recorded. */
export interface Percentiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A histogram with logarithmic buckets that are linear inside (as HdrHistogram): constant size, any range. */
export interface Histogram {
  /** Adds a value of 0 to 2^31 - 1, in whole units. */
  record(value: number): void;
  /** Adds everything that `other` holds. */
  add(other: Histogram): void;
  /** The value that `share` (0 to 1) of the recorded values do not exceed; 0 when there is none. */
  valueAt(share: number): number;
  readonly count: number;
  readonly max: number;
  readonly sum: number;
  readonly counts: Float64Array;
}

export function createHistogram(): Histogram {
  const counts = new Float64Array(BUCKETS);
  let count = 0;
  let max = 0;
  let sum = 0;
  return {
    counts,
    get count() {
      return count;
    },
    get max() {
      return max;
    },
    get sum() {
      return sum;
    },
    record(value) {
      const whole = Math.min(Math.max(0, Math.round(value)), 0x7fff_ffff);
      const at = bucketOf(whole);
      counts[at] = (counts[at] ?? 0) + 1;
      count++;
      sum += whole;
      if (whole > max) max = whole;
    },
    add(other) {
      other.counts.forEach((n, at) => counts[at] = (counts[at] ?? 0) + n);
      count += other.count;
      sum += other.sum;
      max = Math.max(max, other.max);
    },
    valueAt(share) {
      let left = Math.max(1, Math.ceil(share * count));
      if (count === 0) return 0;
      for (let at = 0; at < BUCKETS; at++) {
        left -= counts[at] ?? 0;
        if (left <= 0) return Math.min(max, upperEdge(at));
      }
      return max;
    },
  };
}

/** The usual percentiles of a histogram. */
export function percentilesOf(histogram: Histogram): Percentiles {
  return {
    count: histogram.count,
    mean: histogram.count === 0 ? 0 : histogram.sum / histogram.count,
    p50: histogram.valueAt(0.5),
    p90: histogram.valueAt(0.9),
    p99: histogram.valueAt(0.99),
    p999: histogram.valueAt(0.999),
    max: histogram.max,
  };
}

function bucketOf(value: number): number {
  if (value < 2 * HALF) return value;
  const shift = 31 - Math.clz32(value) - 6;
  return shift * HALF + (value >> shift);
}

/** The largest value that falls into the bucket. */
function upperEdge(at: number): number {
  if (at < 2 * HALF) return at;
  const shift = Math.floor(at / HALF) - 1;
  return (at - shift * HALF + 1) * 2 ** shift - 1;
}
