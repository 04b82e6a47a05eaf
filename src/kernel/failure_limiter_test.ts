import assert from "node:assert/strict";
import { createFailureLimiter } from "./failure_limiter.ts";

function limiter() {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now };
  return { ...bound(createFailureLimiter(clock)), pass: (ms: number) => void (now += ms) };
}

function bound(made: ReturnType<typeof createFailureLimiter>) {
  const count = (addresses: readonly string[]) =>
    addresses.filter((address) => made.mayRecord(address)).length;
  return { count, unrecorded: () => made.unrecorded };
}

Deno.test("an address has 60 recorded failures a minute", () => {
  const { count, unrecorded, pass } = limiter();
  assert.equal(count(Array(100).fill("192.0.2.1")), 60);
  assert.equal(unrecorded(), 40);
  assert.equal(count(["192.0.2.2"]), 1);
  pass(60_000);
  assert.equal(count(Array(100).fill("192.0.2.1")), 60);
});

Deno.test("the addresses of one IPv6 network share them", () => {
  const { count } = limiter();
  const near = Array.from({ length: 200 }, (_, i) => `2001:db8:0:1::${i.toString(16)}`);
  assert.equal(count(near), 60);
  assert.equal(count(["2001:db8:0:1:ffff:1:2:3", "2001:db8:0:2::1", "2001:db8::1"]), 2);
  assert.equal(count(["::ffff:192.0.2.7", "::ffff:192.0.2.8", "unknown"]), 3);
});

Deno.test("many addresses together cannot fill the audit", () => {
  const { count } = limiter();
  const many = Array.from(
    { length: 20_000 },
    (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
  );
  assert.equal(count(many), 6000);
});
