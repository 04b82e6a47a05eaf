import assert from "node:assert/strict";
import { createKeepBudget } from "./keep_budget.ts";
import { keepInput } from "./row.ts";

Deno.test("createKeepBudget() bounds each session by itself, and anew in each window", () => {
  let now = 0;
  const mayKeep = createKeepBudget(() => now, 100);
  assert.deepEqual([mayKeep("a", 60), mayKeep("a", 60), mayKeep("a", 40), mayKeep("b", 100)], [
    true,
    false,
    true,
    true,
  ]);
  now = 60_000;
  assert.equal(mayKeep("a", 100), true);
});

Deno.test("keepInput() leaves size and hash of an input that may not be kept", () => {
  const kept = keepInput({ text: "abc" }, () => false);
  assert.deepEqual(kept.value, { omitted: "the session's rows keep no more input for now" });
  assert.equal(kept.bytes, 14);
  assert.match(kept.sha256 ?? "", /^[0-9a-f]{64}$/);
  assert.equal(keepInput({ text: "abc" }, () => true).sha256, undefined);
});
