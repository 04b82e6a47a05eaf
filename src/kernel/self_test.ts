import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { SERVING_VARIABLES, V8_FLAGS } from "./self.ts";

Deno.test("what starts the appliance carries the switches that keep memory small", async () => {
  const flags = `--v8-flags=${V8_FLAGS.join(",")}`;
  const variables = Object.entries(SERVING_VARIABLES).map(([name, value]) => `${name}=${value}`);
  const launcher = new URL("../../scripts/compile/portable/launch.sh", import.meta.url);
  const texts = [manifest.tasks.start, manifest.tasks.spgov, await Deno.readTextFile(launcher)];
  for (const text of texts) {
    for (const variable of variables) assert.ok(text.includes(variable), text);
  }
  assert.ok(manifest.tasks.start.includes(` ${flags} `));
  assert.ok(manifest.tasks.spgov.includes(` ${flags} `));
});
