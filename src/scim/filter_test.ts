import assert from "node:assert/strict";
import { type Filter, parseFilter } from "./filter.ts";
import { ScimError } from "./scim_error.ts";

const eq = (attribute: string, value: string): Filter => ({
  ...{ kind: "compare", attribute, operator: "eq", value },
});

Deno.test("filters of the standard are taken apart", () => {
  const cases: readonly (readonly [string, Filter])[] = [
    ['userName eq "bjensen"', eq("username", "bjensen")],
    ['USERNAME EQ "x"', eq("username", "x")],
    ["title pr", { kind: "present", attribute: "title" }],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "J"', eq("username", "J")],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "a"',
      eq("department", "a"),
    ],
    ['a eq "1" and b eq "2" or c eq "3"', {
      kind: "or",
      parts: [{ kind: "and", parts: [eq("a", "1"), eq("b", "2")] }, eq("c", "3")],
    }],
    ['a eq "1" and (b eq "2" or c eq "3")', {
      kind: "and",
      parts: [eq("a", "1"), { kind: "or", parts: [eq("b", "2"), eq("c", "3")] }],
    }],
    ['not (a eq "1")', { kind: "not", part: eq("a", "1") }],
    ['emails[type eq "work" and value eq "x"]', {
      kind: "and",
      parts: [eq("emails.type", "work"), eq("emails.value", "x")],
    }],
    ['a eq "say \\"no\\" \\u0041 \\\\"', eq("a", 'say "no" A \\')],
    ["a eq true", { kind: "compare", attribute: "a", operator: "eq", value: true }],
    ["a gt -1.5e3", { kind: "compare", attribute: "a", operator: "gt", value: -1500 }],
    ["a ne null", { kind: "compare", attribute: "a", operator: "ne", value: null }],
    // Words of the grammar are names where a name is expected.
    ['not eq "x"', eq("not", "x")],
    ['and eq "x"', eq("and", "x")],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseFilter(text), expected, text);
});

Deno.test("a filter that is none is refused as such", () => {
  const hostile = [
    ...["", " ", "a", "a eq", 'eq "x"', 'a eq "x', "a eq x", 'a eq "x" b', 'a like "x"'],
    ...["a eq 'x'", 'a eq "x\\"', 'a eq "\u0000"', "a eq 1x", "a eq 01.", "a eq {}", "a eq [1]"],
    ...['(a eq "x"', 'a eq "x")', "()", "not", "not ()", 'a[b[c eq "x"]]', "a[]", 'a[b eq "x"'],
    ...['a eq "x"; drop table users', 'a eq "x" -- c', 'a eq "x" or', 'and a eq "x"', '"a" eq "b"'],
    "(".repeat(3000),
    "(".repeat(30) + 'a eq "x"' + ")".repeat(30),
    `${'a eq "x" or '.repeat(200)}a eq "x"`,
    `a eq "${"x".repeat(5000)}"`,
    `a eq "${"\\".repeat(3001)}`,
    `${" ".repeat(3999)}!`,
    "\ud800",
  ];
  for (const text of hostile) {
    assert.throws(
      () => parseFilter(text),
      (error) => error instanceof ScimError && error.scimType === "invalidFilter",
      JSON.stringify(text),
    );
  }
});
