/**
 * The real client and a real MCP server, with the gateway between them as `spgov plugins mcp connect` wrote it into
 * the client's configuration: what is allowed reaches the server, what is denied does not.
 */
import assert from "node:assert/strict";
import { denoDir } from "../support/deno_dir.ts";
import { type McpService, startMcpService } from "../support/mcp_service.ts";
import { obtainClient, runClient } from "./claude_client.ts";
import { startFakeAnthropic } from "./fake_anthropic.ts";

const TOOL = "mcp__spgov__demo-files__";

Deno.test("Claude Code calls tools through the gateway", async (t) => {
  const client = await obtainClient();
  if ("reason" in client) {
    await t.step({ name: `skipped: ${client.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const root = await Deno.makeTempDir({ prefix: "claude-mcp-" });
  const [home, folder] = [`${root}/home`, `${root}/work`];
  await Promise.all([home, folder].map((path) => Deno.mkdir(path)));
  const model = startFakeAnthropic();
  const modules = await denoDir();
  const variables = { HOME: home, CLAUDE_CONFIG_DIR: `${home}/.claude`, DENO_DIR: modules };
  const gateway = await startMcpService([], { gateways: 1, variables });
  const ask = (prompt: string) =>
    runClient({
      client: client.path,
      folder,
      home,
      modelUrl: model.url,
      prompt,
      allowed: ["mcp__spgov"],
      // Otherwise it asks the model before it knows its tools.
      env: { DENO_DIR: modules, MCP_CONNECTION_NONBLOCKING: "0" },
    });

  try {
    await t.step("connect writes the entry, without a token", async () => {
      const connect = ["plugins", "mcp", "connect", "claude-code", "--helper"];
      const { code, stderr } = await gateway.cli(...connect, "--yes");
      assert.equal(code, 0, stderr);
      const written = JSON.parse(await Deno.readTextFile(`${home}/.claude/.claude.json`));
      const entry = written.mcpServers.spgov;
      assert.equal(entry.url, gateway.mcpUrl("all"));
      assert.doesNotMatch(JSON.stringify(written), /Bearer/, "the file holds a token");
    });

    await t.step("an allowed call reaches the server, and its result the model", async () => {
      model.play({ tool: `${TOOL}read_file`, input: { path: "README.md" } });
      const run = await ask("read the file");
      assert.equal(run.code, 0, run.stderr);
      const [result] = model.toolResults();
      assert.equal(result?.isError, false, result?.text);
      assert.match(result?.text ?? "", /A shop with three products/);
      const [row] = await callsOf(gateway);
      assert.deepEqual([row?.tool_name, row?.status], ["read_file", "ok"]);
    });

    await t.step("a denied call does not reach it, and the model is told why", async () => {
      const secret = awsKey();
      model.play(
        { tool: `${TOOL}write_file`, input: { path: "leak.txt", content: secret } },
        { tool: `${TOOL}read_file`, input: { path: "leak.txt" } },
      );
      const run = await ask("store the key");
      assert.equal(run.code, 0, run.stderr);
      const [denied, read] = model.toolResults();
      assert.equal(denied?.isError, true);
      assert.match(denied?.text ?? "", /Denied by secret_detection/);
      assert.doesNotMatch(denied?.text ?? "", new RegExp(secret.slice(8)));
      assert.match(read?.text ?? "", /There is no file/, "the server never got it");
      const [, row] = await callsOf(gateway);
      assert.deepEqual([row?.tool_name, row?.status], ["write_file", "denied"]);
      assert.equal(row?.policy, "secret_detection");
    });

    await t.step("a tool that nobody may call is not offered", async () => {
      model.play();
      await ask("what can you do?");
      const offered = model.bodies.join();
      assert.ok(offered.includes(`${TOOL}read_file`));
      assert.ok(!offered.includes(`${TOOL}delete_file`), "a tool that the blocklist stops");
    });
  } finally {
    await gateway.stop();
    await model.stop();
    await Deno.remove(root, { recursive: true });
  }
});

interface ToolCall {
  readonly tool_name: string;
  readonly status: string;
  readonly policy: string;
}

/** Calls of the server, newest first. */
async function callsOf(gateway: McpService): Promise<readonly ToolCall[]> {
  const list = ["infra", "logs", "tools", "list", "--server", "demo-files", "--json"];
  return JSON.parse((await gateway.cli(...list)).stdout).data.calls;
}

/** Of the real form, made up here. */
function awsKey(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const random = crypto.getRandomValues(new Uint8Array(16));
  return "AK" + "IA" + [...random].map((byte) => letters[byte % letters.length]).join("");
}
