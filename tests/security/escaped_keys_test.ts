import assert from "node:assert/strict";
import { createBlocklistStage } from "../../src/governance/blocklist/mod.ts";
import { parseJson } from "../../src/http/json_body.ts";
import { createAuditFixture, decision, fill, GATEWAY } from "../store/audit_fixture.ts";
import { callOf, shippedBlocklist } from "./blocklist_support.ts";

/** Makes the engine's own reader mistake the keys of the texts below, see `kernel/exact_json.ts`. */
function poison(): void {
  for (const key of ["\\", "comman\\", "a\\"]) {
    JSON.parse(`{"p":1,${JSON.stringify(key)}:2}`);
    JSON.parse(`{"p": 1, ${JSON.stringify(key)}: 2}`);
  }
}

Deno.test("a body is read with the keys that it has", () => {
  poison();
  const parsed = parseJson(new TextEncoder().encode('{"p":1,"comman\\u0064":"x"}'));
  assert.deepEqual(parsed, { ok: true, value: { p: 1, command: "x" } });
});

Deno.test("a command is no less blocked for how its key is written", () => {
  const stage = createBlocklistStage(shippedBlocklist());
  poison();
  const call = callOf("mcp__x__run", { arguments: '{"p":1,"comman\\u0064":"rm -rf /"}' });
  assert.equal(stage.evaluate({ call, tier: "user" }).denial?.policy, "tool_blocklist");
});

Deno.test("a row with odd keys verifies and reads back as it was written", async () => {
  await using fixture = await createAuditFixture();
  const input = { p: 1, "a\n": 2 };
  const [row] = await fill(fixture.sql, GATEWAY, 1, 1, { ...decision(), detail: { input } });
  await fixture.sealer.sealAll();
  poison();
  assert.deepEqual((await fixture.verify()).findings, []);
  poison();
  const [stored] = await fixture.sql`select detail from audit where id = ${row?.id ?? ""}`;
  assert.deepEqual(stored?.detail, { input });
});
