import assert from "node:assert/strict";
import { AppError } from "../../../kernel/errors.ts";
import { parseSecretsFile } from "./secrets_file.ts";

Deno.test("NAME=value lines with comments, export and quotes are read as shells read them", () => {
  const text = [
    "# tokens",
    "",
    "GITHUB_TOKEN=ghp_abc=def#no comment",
    "  export  PLAIN = two words   # a comment",
    "EMPTY=",
    "SINGLE='a \\n # b'  # c",
    'DOUBLE="line 1\\nline \\"2\\" \\\\ $x \\q"',
    "MULTI='-----BEGIN KEY-----",
    "abc",
    "-----END KEY-----'",
    "LAST=1\r",
    "",
  ].join("\n");
  assert.deepEqual(Object.fromEntries(parseSecretsFile(text)), {
    GITHUB_TOKEN: "ghp_abc=def#no comment",
    PLAIN: "two words",
    EMPTY: "",
    SINGLE: "a \\n # b",
    DOUBLE: 'line 1\nline "2" \\ $x \\q',
    MULTI: "-----BEGIN KEY-----\nabc\n-----END KEY-----",
    LAST: "1",
  });
});

Deno.test("a JSON object of texts is read, by its first character", () => {
  assert.deepEqual(parseSecretsFile(' {"A": "1", "B": "x=y"}'), [["A", "1"], ["B", "x=y"]]);
});

Deno.test("what is not understood is refused with its place, and no value is repeated", () => {
  const cases: readonly [text: string, message: RegExp, format?: "env" | "json"][] = [
    ["A=1\n\nhunter2hunter2\n", /line 3 /],
    ["A=1\nB='hunter2\nC=2\n", /line 2 /],
    ['A="hunter2"tail\n', /line 1 /],
    ["=hunter2", /line 1 /],
    ["A=hunter2\nA=2", /"A" stands there twice/],
    ['{"A": "hunter2", "B": 1}', /"B" is no text/],
    ['{"A": "hunter2', /no JSON$/],
    ['["hunter2"]', /no JSON object/, "json"],
    ["# nothing\n", /nothing in it/],
    ["", /nothing in it/],
  ];
  for (const [text, message, format] of cases) {
    assert.throws(() => parseSecretsFile(text, format), (error) => {
      assert.ok(error instanceof AppError && error.code === "invalid", text);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});
