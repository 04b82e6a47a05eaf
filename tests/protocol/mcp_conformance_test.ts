/** What passes with a server directly passes through the gateway before it. */
import assert from "node:assert/strict";
import { startTestGateway } from "../support/mcp_gateway.ts";
import {
  CLIENT_LINES,
  CONFORMANCE_STDIO,
  obtainPeers,
  REVISIONS,
  runConformance,
  runMcpClient,
  startConformanceServer,
} from "../support/mcp_peers/mod.ts";

Deno.test("the conformance suite passes through, in both eras", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const [command, ...args] = CONFORMANCE_STDIO;
  const gateway = await startTestGateway({
    servers: { suite: { command, args } },
    defaultToken: "token-1",
  });
  const direct = await startConformanceServer();
  try {
    for (const revision of REVISIONS) {
      await t.step(revision, async () => {
        const through = await runConformance(peers, gateway.url("suite"), revision);
        const { passed } = await runConformance(peers, direct.url, revision);
        const lost = [...passed].filter((check) => !through.passed.has(check));
        assert.deepEqual(lost.map((check) => [check, through.failed.get(check)]), []);
      });
    }
    for (const line of CLIENT_LINES) {
      await t.step(`the official client ${line}, by one server and by all`, async () => {
        for (const [endpoint, prefix] of [["suite", ""], ["all", "suite__"]] as const) {
          const run = await runMcpClient(peers, line, {
            url: gateway.url(endpoint),
            answers: { "elicitation/create": { action: "accept", content: { name: "Ada" } } },
            steps: [
              { method: "tools/list", list: "tools" },
              {
                method: "tools/call",
                params: { name: `${prefix}test_simple_text`, arguments: {} },
              },
              { method: "tools/call", params: { name: prefix + ASKING, arguments: {} } },
              { method: "resources/read", params: { uri: "test://static-text" } },
              { method: "prompts/get", params: { name: `${prefix}test_simple_prompt` } },
            ],
          });
          assert.equal(run.error, undefined);
          const [tools, text, asked, resource, prompt] = run.results.map((result) =>
            result.ok ? result.value : assert.fail(JSON.stringify(result.error))
          );
          assert.ok(tools.every(({ name }: { name: string }) => name.startsWith(prefix)));
          assert.ok(tools.length > 20);
          assert.match(text.content[0].text, /simple text/);
          assert.equal(asked.content[0].text, "Hello, Ada!");
          assert.match(resource.contents[0].text, /static text/);
          assert.ok(prompt.messages.length > 0);
        }
      });
    }
  } finally {
    await gateway.stop();
    await direct.stop();
  }
});

const ASKING = "test_input_required_result_elicitation";
