import assert from "node:assert/strict";
import { canonicalJson } from "./canonical_json.ts";

Deno.test("canonicalJson() orders keys by UTF-16 code units, at every depth", () => {
  assert.equal(
    canonicalJson({ b: { d: 1, c: [2, { z: 0, y: -0 }] }, a: "x" }),
    '{"a":"x","b":{"c":[2,{"y":0,"z":0}],"d":1}}',
  );
  assert.equal(
    canonicalJson({
      "\u20ac": 1,
      "\r": 2,
      "\ufb33": 3,
      "1": 4,
      "\ud83d\ude00": 5,
      "\u0080": 6,
      "\u00f6": 7,
    }),
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  );
});

Deno.test("canonicalJson() prints numbers as RFC 8785 does", () => {
  assert.equal(
    canonicalJson([333333333.33333329, 1e30, 4.50, 2e-3, 1e-27]),
    "[333333333.3333333,1e+30,4.5,0.002,1e-27]",
  );
});

Deno.test("canonicalJson() keeps an own __proto__ member and leaves out undefined ones", () => {
  assert.equal(canonicalJson(JSON.parse('{"__proto__":1,"a":2}')), '{"__proto__":1,"a":2}');
  assert.equal(canonicalJson({ a: undefined, b: [undefined] }), '{"b":[null]}');
});

Deno.test("canonicalJson() refuses what JSON cannot hold", () => {
  assert.throws(() => canonicalJson(Infinity), TypeError);
  assert.throws(() => canonicalJson({ a: 1n }), TypeError);
});
