import assert from "node:assert/strict";
import { csvText } from "./csv.ts";

Deno.test("no text is a formula, and none leaves its cell", () => {
  const rows = ["=1+1", "+1", "-1", "@x", "\t=1", 'a"b', "a,b", "a\nb", " =1", "plain"];
  const text = csvText(rows.map((name, n) => ({ name, n: -n, none: null })));
  assert.deepEqual(text.split("\r\n").slice(0, 7), [
    "name,n,none",
    "'=1+1,0,",
    "'+1,-1,",
    "'-1,-2,",
    "'@x,-3,",
    "'\t=1,-4,",
    '"a""b",-5,',
  ]);
  assert.ok(text.includes('"a,b",-6,') && text.includes('"a\nb",-7,') && text.includes("' =1,-8,"));
});

Deno.test("nothing is an empty file", () => assert.equal(csvText([]), "\r\n"));
