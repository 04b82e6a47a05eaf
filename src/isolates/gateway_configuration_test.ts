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

Deno.test("a gateway is told nothing of how a server is started, and of none that is off", async () => {
  const services = new URL("../../services", import.meta.url).pathname;
  const sources = await readConfigSources(undefined, services);
  const text = (name: string, rest: string) =>
    `name: ${name}\ntransport: stdio\ncommand: /bin/${name}-program\nargs: [${name}-argument]\n` +
    `environment: { A: ${name}-value }\nsecrets: { B: ${name}-secret }\n${rest}`;
  const files = new Map(sources.services);
  files.set("mcp/on.yaml", { file: "on.yaml", text: text("on", "") });
  files.set("mcp/off.yaml", { file: "off.yaml", text: text("off", "enabled: false\n") });
  files.set("mcp/dev.yaml", { file: "dev.yaml", text: text("dev", "dev_only: true\n") });
  const loaded = await parseConfiguration({ ...sources, services: files });
  assert.ok(loaded.ok);
  const given = forGateway(loaded.value).mcp.filter(({ name }) =>
    ["on", "off", "dev"].includes(name)
  );
  assert.deepEqual(given.map(({ name }) => name), ["on"]);
  assert.doesNotMatch(JSON.stringify(given), /program|argument|value|secret/);
});
