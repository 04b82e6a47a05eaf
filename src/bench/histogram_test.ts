import assert from "node:assert/strict";
import { createHistogram, percentilesOf } from "./histogram.ts";

Deno.test("percentiles agree with the sorted values to within a bucket", () => {
  const histogram = createHistogram();
  const values: number[] = [];
  let seed = 12345;
  for (let i = 0; i < 20_000; i++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const value = Math.floor(Math.exp((seed / 2_147_483_648) * 20));
    values.push(value);
    histogram.record(value);
  }
  values.sort((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
    const exact = values[Math.ceil(share * values.length) - 1] ?? 0;
    const found = histogram.valueAt(share);
    assert.ok(found >= exact && found <= exact * 1.016 + 1, `${share}: ${found} for ${exact}`);
  }
});

Deno.test("values below 128 are exact, and so are count, mean and maximum", () => {
  const histogram = createHistogram();
  for (const value of [0, 1, 64, 127, 127]) histogram.record(value);
  assert.deepEqual(percentilesOf(histogram), {
    count: 5,
    mean: 63.8,
    p50: 64,
    p90: 127,
    p99: 127,
    p999: 127,
    max: 127,
  });
});

Deno.test("the largest value is reported as it was, not as its bucket's edge", () => {
  const histogram = createHistogram();
  histogram.record(1_000_001);
  assert.equal(histogram.valueAt(1), 1_000_001);
});

Deno.test("what is beyond the range counts at its end and loses nothing", () => {
  const histogram = createHistogram();
  histogram.record(-5);
  histogram.record(1e12);
  assert.equal(histogram.count, 2);
  assert.equal(histogram.valueAt(0.5), 0);
  assert.equal(histogram.max, 0x7fff_ffff);
});

Deno.test("adding histograms is the same as recording into one", () => {
  const [whole, left, right] = [createHistogram(), createHistogram(), createHistogram()];
  for (let i = 0; i < 1000; i++) {
    whole.record(i * i);
    (i % 3 === 0 ? left : right).record(i * i);
  }
  left.add(right);
  assert.deepEqual(percentilesOf(left), percentilesOf(whole));
});

Deno.test("an empty histogram has only zeros", () => {
  assert.deepEqual(Object.values(percentilesOf(createHistogram())), [0, 0, 0, 0, 0, 0, 0]);
});
