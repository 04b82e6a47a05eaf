import assert from "node:assert/strict";
import { retry } from "./retry.ts";

function failing(
  times: number,
): { readonly work: () => Promise<string>; readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    work: () =>
      ++calls <= times ? Promise.reject(new Error(`failure ${calls}`)) : Promise.resolve("ok"),
  };
}

Deno.test("retry tries again until it works, and then no more", async () => {
  const twice = failing(2);
  assert.equal(await retry([1, 1, 1], twice.work), "ok");
  assert.equal(twice.calls(), 3);
});

Deno.test("retry gives up after the last pause, with the last failure", async () => {
  const always = failing(99);
  await assert.rejects(retry([1, 1], always.work), /failure 3/);
  assert.equal(always.calls(), 3);
});
