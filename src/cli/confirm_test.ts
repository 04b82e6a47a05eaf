import assert from "node:assert/strict";
import { confirm } from "./confirm.ts";
import type { CliContext, Terminal } from "./context.ts";

function at(terminal: Terminal | undefined): CliContext {
  return { terminal } as unknown as CliContext;
}

function answering(answer: string): CliContext {
  return at({
    ask: () => Promise.resolve(answer),
    askHidden: () => Promise.resolve(undefined),
  });
}

Deno.test("confirm() goes ahead on --yes or a yes, and on nothing else", async () => {
  await confirm(at(undefined), "Delete?", true);
  await confirm(answering(" Yes"), "Delete?", false);
  await confirm(answering("y"), "Delete?", false);
  for (const answer of ["", "n", "no", "yess", "j"]) {
    await assert.rejects(confirm(answering(answer), "Delete?", false), { code: "conflict" });
  }
  await assert.rejects(confirm(at(undefined), "Delete?", false), { code: "usage" });
});
