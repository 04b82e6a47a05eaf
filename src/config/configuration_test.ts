import assert from "node:assert/strict";
import { parseConfiguration, readConfigSources } from "./mod.ts";

const SERVICES = new URL("../../services", import.meta.url).pathname;

Deno.test("a target that misspells a server is a problem; one of a client's own servers is none", async () => {
  const sources = await readConfigSources(undefined, SERVICES);
  const agent = (name: string, target: string) => ({
    file: `services/agents/${name}.yaml`,
    text: `name: ${name}\ntier: user\ntargets: { allow: ["${target}"] }\n`,
  });
  const services = new Map(sources.services);
  services.set("agents/typo.yaml", agent("typo", "mcp:demo-file/*"));
  services.set("agents/own.yaml", agent("own", "mcp:jira-of-the-client/*"));
  const parsed = await parseConfiguration({ ...sources, services });
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.diagnostics.map(({ file, message }) => [file, message]), [[
    "services/agents/typo.yaml",
    'Target "mcp:demo-file/*" names no MCP server. Did you mean "demo-files"?',
  ]]);
});

Deno.test("a server's file is named after it, and no name is given twice", async () => {
  const sources = await readConfigSources(undefined, SERVICES);
  const services = new Map(sources.services);
  const text = "name: twin\ntransport: stdio\ncommand: x\n";
  services.set("mcp/twin.yaml", { file: "services/mcp/twin.yaml", text });
  services.set("mcp/other.yaml", { file: "services/mcp/other.yaml", text });
  const parsed = await parseConfiguration({ ...sources, services });
  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.diagnostics.map(({ message }) => message).toSorted(), [
    'Server "twin" must stand in "twin.yaml"',
    'Two servers are named "twin"',
  ]);
});
