import assert from "node:assert/strict";
import { integerOf, jsonOf, millisOf } from "./stored.ts";

Deno.test("millisOf() takes whole milliseconds of our time and nothing else", () => {
  assert.equal(millisOf("1795420000.123000"), 1795420000123);
  assert.equal(millisOf("0.000000"), 0);
  for (
    const bad of [
      "1795420000.123001",
      "-1.000000",
      "Infinity",
      "-Infinity",
      "NaN",
      "1795420000",
      "",
      null,
    ]
  ) {
    assert.equal(millisOf(bad), undefined, String(bad));
  }
});

Deno.test("integerOf() takes what a number holds exactly", () => {
  assert.equal(integerOf("9007199254740991"), 9007199254740991);
  assert.equal(integerOf("-5"), -5);
  for (const bad of ["9007199254740993", "1.0", "01", "-0", "1e3", "", null]) {
    assert.equal(integerOf(bad), undefined, String(bad));
  }
});

Deno.test("jsonOf() gives back every number that a double can hold, as PostgreSQL prints it", () => {
  const numbers: [string, number][] = [
    ["1000000000000000000000", 1e21],
    ["0.1", 0.1],
    ["123456789012345680000", 123456789012345680000],
    [`0.${"0".repeat(323)}5`, 5e-324],
    [`17976931348623157${"0".repeat(292)}`, 1.7976931348623157e308],
    ["0.30000000000000004", 0.1 + 0.2],
    ["-12.5", -12.5],
  ];
  for (const [text, value] of numbers) {
    assert.deepEqual(jsonOf(`{"a": ${text}}`), { a: value }, text);
  }
});

Deno.test("jsonOf() refuses numbers that were never written", () => {
  for (
    const text of [
      "0.10000000000000000001",
      "9007199254740993",
      "0.10",
      "1.0",
      "100000000000000000000001",
    ]
  ) {
    for (
      const json of [
        `{"a": ${text}}`,
        `{"a": [1, ${text}]}`,
        `{"a": [${text}]}`,
        `{"b": {"a": -${text}}}`,
      ]
    ) {
      assert.equal(jsonOf(json), undefined, json);
    }
  }
  for (const json of ["null", "1", '"x"', "[1]", "true", null]) {
    assert.equal(jsonOf(json), undefined);
  }
});

Deno.test("jsonOf() leaves numbers inside texts alone", () => {
  const text = '{"a": "1.0 [0.10 99999999999999999999", "b\\": 1.0": 1}';
  assert.deepEqual(jsonOf(text), { a: "1.0 [0.10 99999999999999999999", 'b": 1.0': 1 });
});
