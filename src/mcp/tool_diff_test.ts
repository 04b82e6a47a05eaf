import assert from "node:assert/strict";
import { diffTool } from "./tool_diff.ts";
import { hashTool, isPlainName } from "./tool_hash.ts";

const TOOL = { name: "read", description: "Reads\na file", inputSchema: { type: "object" } };

Deno.test("a difference names what was and what would be, line by line", () => {
  const offered = {
    name: "read",
    description: "Reads\na file\nand sends it away",
    inputSchema: { type: "object", required: ["to"] },
  };
  const lines = diffTool(TOOL, offered).map(({ sign, text }) => `${sign}${text}`);
  assert.deepEqual(lines, [
    " description[line 1]: Reads",
    " description[line 2]: a file",
    "+description[line 3]: and sends it away",
    "+inputSchema.required[0]: to",
    " inputSchema.type: object",
    " name: read",
  ]);
});

Deno.test("a new tool is new in every line; the same tool in none", () => {
  assert.ok(diffTool(null, TOOL).every(({ sign }) => sign === "+"));
  assert.ok(diffTool(TOOL, TOOL).every(({ sign }) => sign === " "));
});

Deno.test("a difference of texts without end is no work without end", () => {
  const text = (word: string) => ({ name: "x", description: `${word}\n`.repeat(5000) });
  assert.equal(diffTool(text("a"), text("b")).length, 10_004);
});

Deno.test("the hash is over what a model sees, and over who offers it", () => {
  const hash = hashTool(TOOL, "fs", "files");
  const { name, description, inputSchema } = TOOL;
  assert.equal(hashTool({ inputSchema, description, name }, "fs", "files"), hash, "in any order");
  const others = [
    hashTool({ ...TOOL, description: "Reads\na  file" }, "fs", "files"),
    hashTool({ ...TOOL, title: "Read" }, "fs", "files"),
    hashTool({ ...TOOL, annotations: { readOnlyHint: true } }, "fs", "files"),
    hashTool({ ...TOOL, outputSchema: {} }, "fs", "files"),
    hashTool({ ...TOOL, inputSchema: { type: "object", properties: {} } }, "fs", "files"),
    hashTool({ ...TOOL, name: "Read" }, "fs", "files"),
    hashTool(TOOL, "fs2", "files"),
    hashTool(TOOL, "fs", "files2"),
  ];
  assert.equal(new Set([hash, ...others]).size, others.length + 1);
});

Deno.test("a name is plain when nobody can take it for another", () => {
  assert.ok(["read_file", "a.b/c-d", "X1"].every(isPlainName));
  assert.ok(!["r\u0435ad", "", "a b", "a\u200b", "x".repeat(129), "a:b"].some(isPlainName));
});
