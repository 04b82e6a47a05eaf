/** The demos of the gateway, as people run them: each expectation of each has to be met. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startService } from "../support/service.ts";

const DEMOS = fileURLToPath(new URL("../../demo/", import.meta.url));

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly steps: readonly { readonly text: string; readonly met: boolean }[];
  readonly error?: string;
}

Deno.test("demos: mcp and governance/06 show what they promise, twice", async (t) => {
  const service = await startService({ gateways: 1 });
  const run = async (...names: string[]) => {
    const { stdout, stderr } = await service.cli("demo", "run", ...names, "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout).data.demos as readonly Result[];
  };
  try {
    await t.step("every expectation is met", async () => {
      const results = await run("mcp", "governance/06-secret-breach");
      assert.equal(results.length, 4);
      for (const { name, steps, error } of results) {
        const unmet = steps.filter(({ met }) => !met);
        assert.deepEqual({ name, unmet, error }, { name, unmet: [], error: undefined });
        assert.ok(steps.length >= 10, `${name} expects something`);
      }
    });
    await t.step("again, and by the names of the README", async () => {
      const results = await run("mcp/02-access-tracking", "06-secret-breach");
      assert.deepEqual(results.map(({ name, passed }) => [name, passed]), [
        ["mcp/02-mcp-access-tracking", true],
        ["governance/06-secret-breach", true],
      ]);
    });
    await t.step("each has its script, and no script is without a demo", async () => {
      const { stdout } = await service.cli("demo", "list", "--json");
      const { demos } = JSON.parse(stdout).data;
      for await (const { name } of Deno.readDir(`${DEMOS}/mcp`)) {
        const text = await Deno.readTextFile(`${DEMOS}/mcp/${name}`);
        const shown = /demo run (\S+) /.exec(text)?.[1];
        assert.ok(demos.some((demo: Result) => demo.name === shown), `${name} runs ${shown}`);
      }
    });
  } finally {
    await service.stop();
  }
});
