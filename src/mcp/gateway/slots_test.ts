import assert from "node:assert/strict";
import { Slots } from "./slots.ts";

const NEVER = new AbortController().signal;

Deno.test("who comes later waits for who came first, in order", async () => {
  const slots = new Slots(() => 2);
  const order: string[] = [];
  const first = await slots.take(NEVER);
  const second = await slots.take(NEVER);
  const third = slots.take(NEVER).then((give) => (order.push("third"), give));
  const fourth = slots.take(NEVER).then((give) => (order.push("fourth"), give));
  await Promise.resolve();
  assert.deepEqual(order, []);
  first();
  first();
  (await third)();
  second();
  (await fourth)();
  assert.deepEqual(order, ["third", "fourth"]);
});

Deno.test("who gives up waits no longer and takes nothing", async () => {
  const slots = new Slots(() => 1);
  const give = await slots.take(NEVER);
  const gaveUp = new AbortController();
  const waiting = slots.take(gaveUp.signal);
  gaveUp.abort("cancelled");
  await assert.rejects(waiting, (reason) => reason === "cancelled");
  await assert.rejects(slots.take(AbortSignal.abort("late")), (reason) => reason === "late");
  give();
  (await slots.take(NEVER))();
});
