import assert from "node:assert/strict";
import { countsOf } from "./test_summary.ts";

Deno.test.each(
  [
    ["ok | 12 passed | 0 failed (3s)", 0, [12, 0, 0, 0]],
    ["\u001b[0m\u001b[32mok\u001b[0m | 2 passed | 0 failed \u001b[0m(2s)", 0, [2, 0, 0, 0]],
    ["FAILED | 3 passed (4 steps) | 1 failed (2 steps) | 5 ignored (1s)", 1, [3, 1, 5, 1]],
    ["ok | 1 passed | 0 failed (1s)\nFAILED | 7 passed | 2 failed (1s)", 1, [7, 2, 0, 1]],
    ["ok | 12 passed | 0 failed (3s)", 130, [12, 1, 0, 130]],
    ["error: Type checking failed.", 1, [0, 1, 0, 1]],
    ["", 0, [0, 1, 0, 1]],
    ["a test prints ok | 9 passed | 0 failed", 1, [0, 1, 0, 1]],
  ] as const,
)("countsOf(%s, %s) is %s", (output, code, expected) => {
  const { passed, failed, skipped, status } = countsOf(output, code);
  assert.deepEqual([passed, failed, skipped, status], [...expected]);
});
