import assert from "node:assert/strict";
import type { Entry } from "./batch.ts";
import { createTrailingWriter } from "./trailing.ts";

const entry = (name: string) => ({ row: { target: name }, charges: [] }) as unknown as Entry;

function recorder() {
  const names: string[] = [];
  const writer = {
    stamp: () => 7,
    commit: ({ row }: Entry) => {
      names.push(row.target);
      return row.target === "bad"
        ? Promise.reject(new Error("refused"))
        : Promise.resolve({ refusedBy: undefined, windows: [] });
    },
  };
  return { names, trailing: createTrailingWriter(writer) };
}

Deno.test("a row that nobody waits for goes with the next one that somebody waits for", async () => {
  const { names, trailing } = recorder();
  const soon = trailing.commitSoon(entry("outcome"));
  assert.deepEqual(names, [], "it begins no batch of its own");
  const decision = trailing.commit(entry("decision"));
  assert.deepEqual(names, ["decision", "outcome"]);
  await Promise.all([soon, decision]);
});

Deno.test("without company it is written by itself, and its failure is told", async () => {
  const { names, trailing } = recorder();
  const [good, bad] = [trailing.commitSoon(entry("one")), trailing.commitSoon(entry("bad"))];
  await assert.rejects(bad, /refused/);
  await good;
  assert.deepEqual(names, ["one", "bad"]);
  assert.equal(trailing.stamp(), 7);
});
