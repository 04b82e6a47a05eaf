import assert from "node:assert/strict";
import { compileGlob } from "./glob.ts";

const CASES: readonly (readonly [string, string, boolean])[] = [
  ["*", "", true],
  ["*", "a/b:c", true],
  ["mcp:a/*", "mcp:a/", true],
  ["mcp:a/*", "mcp:ab/x", false],
  ["*deploy*", "x.deploy.y", true],
  ["a*b", "ab", true],
  ["a*a", "a", false],
  ["a*b*c", "a-c-b", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["*?", "", false],
  ["x*a?b*y", "x--a1a2b-y", true],
  ["a.c", "abc", false],
];

Deno.test("compileGlob() matches whole strings only", () => {
  for (const [glob, text, expected] of CASES) {
    assert.equal(compileGlob(glob)(text), expected, `${glob} ${text}`);
  }
  assert.ok(compileGlob("MCP:X/*", true)("mcp:x/Y"));
  assert.ok(!compileGlob("MCP:X/*")("mcp:x/Y"));
});
