import assert from "node:assert/strict";
import type { AppError } from "../../kernel/errors.ts";
import { createGate } from "./gate.ts";
import { createPasswordHasher } from "./hash.ts";

const CHEAP = { ln: 8, r: 8, p: 1 };
const PASSWORD = "lamp orbit velvet";

Deno.test("a hash fits its password and no other, and two hashes of one password differ", async () => {
  const hasher = createPasswordHasher(CHEAP);
  const [one, two] = [await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)];
  assert.notEqual(one, two);
  assert.match(one, /^\$scrypt\$ln=8,r=8,p=1\$[^$]{22}\$[^$]{43}$/);
  assert.deepEqual(await hasher.verify(PASSWORD, one), { matches: true, outdated: false });
  for (const other of ["", "lamp orbit velveT", `${PASSWORD} `, one]) {
    assert.equal((await hasher.verify(other, one)).matches, false);
  }
});

Deno.test("the product's cost is what it should be", async () => {
  assert.match(await createPasswordHasher().hash(PASSWORD), /^\$scrypt\$ln=16,r=8,p=2\$/);
});

Deno.test("a hash of another cost still fits and is said to be outdated", async () => {
  const old = await createPasswordHasher({ ...CHEAP, ln: 7 }).hash(PASSWORD);
  const now = createPasswordHasher(CHEAP);
  assert.deepEqual(await now.verify(PASSWORD, old), { matches: true, outdated: true });
});

Deno.test("without a hash, or with one that is none, the same work is done and nothing fits", async () => {
  const hasher = createPasswordHasher(CHEAP);
  const none = [undefined, "", "*", "$scrypt$ln=99,r=8,p=1$x$y", PASSWORD];
  for (const stored of none) {
    const before = hasher.derived;
    assert.equal((await hasher.verify(PASSWORD, stored)).matches, false);
    assert.equal(hasher.derived, before + 1);
  }
});

Deno.test("a hash that asks for too much memory is refused, not computed", async () => {
  const hasher = createPasswordHasher(CHEAP);
  const greedy = (await hasher.hash(PASSWORD)).replace("ln=8", "ln=30");
  assert.equal((await hasher.verify(PASSWORD, greedy)).matches, false);
});

Deno.test("one password has one hash, whichever way its accents are typed", async () => {
  const hasher = createPasswordHasher(CHEAP);
  const stored = await hasher.hash("cafe\u0301 cre\u0300me br\u00fbl\u00e9e");
  assert.ok((await hasher.verify("caf\u00e9 cr\u00e8me bru\u0302le\u0301e", stored)).matches);
});

Deno.test("no more than so many run at once, and no more than so many wait", async () => {
  const gate = createGate({ atOnce: 2, waiting: 3 });
  let running = 0;
  let most = 0;
  const hold = Promise.withResolvers<void>();
  const work = async () => {
    most = Math.max(most, ++running);
    await hold.promise;
    running--;
  };
  const five = Array.from({ length: 5 }, () => gate(work));
  await assert.rejects(gate(work), (error) => (error as AppError).code === "unavailable");
  hold.resolve();
  await Promise.all(five);
  assert.equal(most, 2);
  await assert.rejects(gate(() => Promise.reject(new Error("failed"))), /failed/);
  await gate(() => Promise.resolve());
});
