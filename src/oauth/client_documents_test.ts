import assert from "node:assert/strict";
import type { FetchedDocument } from "../egress/mod.ts";
import { createDocumentCache } from "./client_documents.ts";

const ID = "https://client.example/client.json";
const HOUR = 3_600_000;
const GOOD: FetchedDocument = { ok: true, document: { client_id: ID } };
const GONE: FetchedDocument = { ok: false, reason: "its host answers 404" };
const AWAY: FetchedDocument = { ok: false, reason: "it cannot be fetched", isTransient: true };

function cache() {
  let now = 0;
  let answer = GOOD;
  let fetched = 0;
  const get = createDocumentCache({
    fetch: () => {
      fetched++;
      return Promise.resolve(answer);
    },
    clock: { now: () => now, monotonic: () => now },
  });
  return {
    get: (id = ID) => get(id),
    answers: (next: FetchedDocument) => void (answer = next),
    pass: (ms: number) => void (now += ms),
    fetched: () => fetched,
  };
}

Deno.test("a document is kept for an hour, a failure for a minute, and asked for once at a time", async () => {
  const { get, pass, fetched, answers } = cache();
  await Promise.all([get(), get(), get()]);
  pass(HOUR - 1);
  assert.deepEqual(await get(), GOOD);
  assert.equal(fetched(), 1);
  pass(2);
  answers(GONE);
  assert.deepEqual(await get(), GONE);
  pass(59_000);
  await get();
  assert.equal(fetched(), 2);
  pass(2000);
  answers(GOOD);
  assert.deepEqual(await get(), GOOD);
});

Deno.test("while its host is away the last good document stands in for a day; one that is gone is gone", async () => {
  const { get, pass, answers } = cache();
  await get();
  answers(AWAY);
  pass(HOUR + 1);
  assert.deepEqual(await get(), GOOD);
  pass(24 * HOUR);
  assert.deepEqual(await get(), AWAY);
  answers(GOOD);
  pass(HOUR);
  await get();
  answers(GONE);
  pass(HOUR + 1);
  assert.deepEqual(await get(), GONE);
});

Deno.test("one host, and all together, are asked only so often", async () => {
  const { get, fetched } = cache();
  for (let i = 0; i < 40; i++) await get(`https://client.example/${i}`);
  assert.equal(fetched(), 20);
  for (let i = 0; i < 100; i++) await get(`https://client${i}.example/client`);
  assert.equal(fetched(), 60);
  const refused = await get("https://another.example/client");
  assert.ok(!refused.ok && /too many/.test(refused.reason));
});
