import assert from "node:assert/strict";
import { parseConfiguration, readConfigSources } from "../config/mod.ts";
import { forGateway } from "./gateway_configuration.ts";

Deno.test("a gateway is given no address of the database's owner", async () => {
  const services = new URL("../../services", import.meta.url).pathname;
  const sources = await readConfigSources(undefined, services);
  const text = "name: x\ndatabase:\n  url: postgres://owner:hunter2@db/spgov\n" +
    "  serving_url: postgres://serve:hunter3@db/spgov\n";
  const loaded = await parseConfiguration({ ...sources, profile: { file: "p.yaml", text } });
  assert.ok(loaded.ok);
  assert.match(JSON.stringify(loaded.value), /hunter2/);
  const given = forGateway(loaded.value);
  assert.doesNotMatch(JSON.stringify(given), /hunter/);
  assert.deepEqual(given.governance, loaded.value.governance);
  assert.deepEqual(given.profile.server, loaded.value.profile.server);
});
