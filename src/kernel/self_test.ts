import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { V8_FLAGS } from "./self.ts";

Deno.test("the tasks that start the appliance carry the flags that keep memory small", () => {
  const flags = `--v8-flags=${V8_FLAGS.join(",")}`;
  assert.ok(manifest.tasks.start.includes(` ${flags} `));
  assert.ok(manifest.tasks.spgov.includes(` ${flags} `));
});
