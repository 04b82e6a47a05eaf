import assert from "node:assert/strict";
import type { Batch } from "./batch.ts";
import { addedBy, arrivedAt, type Flight, rootBehind } from "./flights.ts";

const head = { n: 0, batch: 0, root: Uint8Array.of(0) };

function flight(root: number, amounts: Readonly<Record<string, number>> = {}): Flight {
  const charges = Object.entries(amounts).map(([key, amount]) => ({
    key,
    amount,
    cap: 10,
    lengthMs: 1,
  }));
  const batch: Batch = {
    rows: [],
    refusedBy: [],
    leaves: new Uint8Array(),
    root: Uint8Array.of(root),
    charges,
  };
  return { waiters: [], batch, sentAt: 0, result: Promise.resolve(undefined) };
}

Deno.test("rootBehind() is the newest flight's, and the head's without one", () => {
  assert.deepEqual(rootBehind([], head), head.root);
  assert.deepEqual(rootBehind([flight(1), flight(2)], head), Uint8Array.of(2));
});

Deno.test("addedBy() sums a window over the flights", () => {
  const added = addedBy([flight(1, { a: 1, b: 2 }), flight(2, { a: 3 })]);
  assert.deepEqual([added("a"), added("b"), added("c")], [4, 2, 0]);
});

Deno.test("arrivedAt() counts the flights that led to a root, and knows a stranger's", () => {
  const flights = [flight(1), flight(2)];
  const at = (root: number) => arrivedAt(Uint8Array.of(root), flights, head);
  assert.deepEqual([at(0), at(1), at(2), at(3)], [0, 1, 2, undefined]);
});
