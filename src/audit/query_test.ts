import assert from "node:assert/strict";
import { boundsOf } from "./query.ts";

Deno.test("boundsOf() turns a beginning of a UUID into bounds of ids and of time", () => {
  const { ids, trace, session } = boundsOf("01a2077");
  assert.equal(ids?.low, "01a20770-0000-0000-0000-000000000000");
  assert.equal(ids?.high, "01a2077f-ffff-ffff-ffff-ffffffffffff");
  assert.equal(ids?.from.getTime(), 0x01a207700000);
  assert.equal(ids?.to.getTime(), 0x01a2077fffff);
  assert.deepEqual([trace, session], ["01a2077", "01a2077"]);
});

Deno.test("boundsOf() takes ids with and without dashes, in capitals too", () => {
  const whole = "01a20771-1d73-75b6-84c0-373edfc4232a";
  for (const text of [whole, whole.toUpperCase(), whole.replaceAll("-", "")]) {
    const { ids, trace } = boundsOf(text);
    assert.deepEqual([ids?.low, ids?.high, trace], [whole, whole, whole.replaceAll("-", "")]);
  }
});

Deno.test("boundsOf() knows what can be no id of ours", () => {
  for (const text of ["ses_1", "zz", "4bf92f3577b34da6a3ce929d0e0e4736", "", "%"]) {
    assert.equal(boundsOf(text).ids, undefined, text);
  }
  assert.equal(boundsOf("Ses_A").session, "Ses_A");
});
