import assert from "node:assert/strict";
import { confirm } from "./confirm.ts";
import type { CliContext, Terminal } from "./context.ts";

function at(terminal: Terminal | undefined): CliContext {
  return { terminal } as unknown as CliContext;
}

Deno.test("confirm() goes ahead on --yes or a yes, and on nothing else", () => {
  confirm(at(undefined), "Delete?", true);
  confirm(at({ ask: () => " Yes" }), "Delete?", false);
  confirm(at({ ask: () => "y" }), "Delete?", false);
  for (const answer of ["", "n", "no", "yess", "j"]) {
    assert.throws(() => confirm(at({ ask: () => answer }), "Delete?", false), { code: "conflict" });
  }
  assert.throws(() => confirm(at(undefined), "Delete?", false), { code: "usage" });
});
