import assert from "node:assert/strict";
import { parseExactly } from "./exact_json.ts";

/** Makes the engine expect a key that ends in a backslash where `text` has another. */
const POISON = ['{"p":1,"\\\\":2}', '{"p":1,"comman\\\\":2}'];

Deno.test("a key with an escape is not taken for one that ends in a backslash", () => {
  for (
    const [text, key] of [
      ['{"p":1,"\\u001e":2}', "\u001e"],
      ['{"p":1,"\\n":2}', "\n"],
      ['{"p":1,"\\"":2}', '"'],
      ['{"p":1,"comman\\u0064":2}', "command"],
      ['{"p":1,"comman\\u0064"\n :2}', "command"],
    ] as const
  ) {
    POISON.forEach((each) => JSON.parse(each));
    assert.deepEqual(parseExactly(text), { p: 1, [key]: 2 });
  }
});

const TEXTS = [
  "1",
  '"a\\"b"',
  "[]",
  '{"\\u0061":[1,-2.5e3,true,false,null,"x\\\\",{"\\n":{}},[[]]],"b":"{\\"c\\":1}"}',
  ' { "a\\tb" : [ 1 , 2 ] , "10" : "\\\\" , "9" : "\\"" } ',
  '{"\\u005f_proto__":{"x":1},"a":1,"\\u0061":2}',
  '{"\\ud83d\\ude00":"\\ud800"}',
  `{"\\u0061":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
];

Deno.test("what is read token by token is what the engine reads", () => {
  for (const text of TEXTS) {
    const [ours, theirs] = [parseExactly(text), JSON.parse(text)];
    if (text.length < 1000) assert.deepEqual(ours, theirs);
    if (text.length < 1000) assert.equal(JSON.stringify(ours), JSON.stringify(theirs));
  }
  assert.throws(() => parseExactly('{"\\u0061":1,}'), SyntaxError);
});
