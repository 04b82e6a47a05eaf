/** The peers against a server of no gateway's: what they do here is what they have to do behind ours. */
import assert from "node:assert/strict";
import {
  CLIENT_LINES,
  obtainPeers,
  REVISIONS,
  runConformance,
  runMcpClient,
  startConformanceServer,
} from "../support/mcp_peers/mod.ts";

Deno.test("the peers work with a server that is reached directly", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const server = await startConformanceServer();
  try {
    for (const revision of REVISIONS) {
      await t.step(`the conformance suite of ${revision}`, async () => {
        const { passed, failed } = await runConformance(peers, server.url, revision);
        const unmet = [...failed].filter(([key]) => !key.startsWith("tasks-"));
        assert.deepEqual(unmet, []);
        assert.ok(passed.size > 60, `${passed.size} checks`);
      });
    }
    for (const line of CLIENT_LINES) {
      await t.step(`the official client ${line}`, async () => {
        const run = await runMcpClient(peers, line, {
          url: server.url,
          answers: {
            "elicitation/create": { action: "accept", content: { name: "Ada" } },
          },
          steps: [
            { method: "tools/list", list: "tools" },
            { method: "tools/call", params: { name: "test_simple_text", arguments: {} } },
            { method: "tools/call", params: { name: ASKING, arguments: {} } },
            { method: "resources/read", params: { uri: "test://static-text" } },
          ],
        });
        assert.equal(run.error, undefined);
        const isModern = line === "v2-2026" || line === "v2-auto";
        assert.equal(run.version, isModern ? "2026-07-28" : "2025-11-25");
        const [tools, text, asked, resource] = run.results.map((result) =>
          result.ok ? result.value : assert.fail(JSON.stringify(result.error))
        );
        assert.ok(tools.length > 20);
        assert.match(text.content[0].text, /simple text/);
        assert.equal(asked.content[0].text, "Hello, Ada!");
        assert.match(resource.contents[0].text, /static text/);
      });
    }
    await t.step("the Inspector's command line", async () => {
      const { code, stdout, stderr } = await peers.run("inspector", [
        "--cli",
        server.url,
        "--transport",
        "http",
        "--method",
        "tools/call",
        "--tool-name",
        "test_simple_text",
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /This is a simple text response/);
    });
  } finally {
    await server.stop();
  }
});

const ASKING = "test_input_required_result_elicitation";
