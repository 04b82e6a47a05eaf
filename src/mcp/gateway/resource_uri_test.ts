import assert from "node:assert/strict";
import { uriProblem } from "./resource_uri.ts";

for (
  const [uri, problem] of [
    ["https://example.com/a/b?c=..d", undefined],
    ["demo://files/a..b", undefined],
    ["urn:x:1", undefined],
    ["demo://files/%E0%A4%A", undefined],
    ["file:///tmp/x", "file"],
    ["FiLe:/tmp/x", "file"],
    ["demo://files/../x", "traversal"],
    ["demo://files/..", "traversal"],
    ["demo://files/..\\x", "traversal"],
    ["demo://files/%2e%2E/x", "traversal"],
    ["demo://files/.%2e/x", "traversal"],
    ["demo://files/%c0%ae%c0%ae%c0%afx", "traversal"],
    ["demo://files/%252e%252e/x", "traversal"],
    ["demo://files?path=../x", "traversal"],
    ["demo:../x", "traversal"],
    ["file:///tmp/../x", "traversal"],
    ["/etc/passwd", "malformed"],
    ["", "malformed"],
    ["demo://a\nb", "malformed"],
    ["demo://a%00b", "malformed"],
    [`demo://${"x".repeat(9000)}`, "malformed"],
  ] as const
) {
  Deno.test(`${JSON.stringify(uri.slice(0, 40))} is ${problem ?? "plain"}`, () => {
    assert.equal(uriProblem(uri), problem);
  });
}
