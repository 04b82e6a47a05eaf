/**
 * Software that is not ours, on both sides of the gateway: the official client of each SDK line and era and
 * the Inspector before it, the reference servers and the conformance server behind it, over their own wires.
 */
import assert from "node:assert/strict";
import {
  bundleConformanceServer,
  type McpService,
  startMcpService,
} from "../support/mcp_service.ts";
import {
  CLIENT_LINES,
  type ClientLine,
  type ClientRun,
  type ClientStep,
  obtainPeers,
  type Peers,
  runMcpClient,
} from "../support/mcp_peers/mod.ts";

interface World {
  readonly gateway: McpService;
  readonly peers: Peers;
  /** A folder that the server `files` serves. */
  readonly files: string;
  /** What a client of that line sees of a server. */
  see(line: ClientLine, server: string, steps: readonly ClientStep[]): Promise<ClientRun>;
}

const ANSWERS = {
  "elicitation/create": { action: "accept", content: { name: "Ada", check: true } },
  "sampling/createMessage": {
    model: "fake",
    role: "assistant",
    content: { type: "text", text: "sampled" },
  },
  "roots/list": { roots: [{ uri: "file:///srv", name: "srv" }] },
};

Deno.test("official clients reach reference servers through the gateway", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  await withWorld(peers, async (world) => {
    for (const line of CLIENT_LINES) {
      await t.step(`${line}: server-everything`, () => seeEverything(world, line));
      await t.step(`${line}: server-filesystem`, () => seeFiles(world, line));
      await t.step(`${line}: a server of both eras`, () => seeBothEras(world, line));
    }
    await t.step("every server behind one address", () => seeAll(world));
    await t.step("the Inspector's command line", () => inspect(world));
    await t.step("every call has its row, with what came of it", () => seeRows(world));
  });
});

async function withWorld(peers: Peers, work: (world: World) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "spgov-peers-" });
  const files = await Deno.makeTempDir({ prefix: "spgov-peers-files-" });
  await Deno.writeTextFile(`${files}/hello.txt`, "hello\n");
  await Deno.chmod(files, 0o755);
  const stdio = (name: string, [command, ...args]: readonly string[]) => ({
    name,
    transport: "stdio",
    command,
    args,
  });
  const gateway = await startMcpService([
    stdio("everything", peers.command("everything", "stdio")),
    stdio("files", peers.command("filesystem", files)),
    await bundleConformanceServer(folder),
  ], { gateways: 1 });
  try {
    await work({
      gateway,
      peers,
      files,
      see: async (line, server, steps) =>
        await runMcpClient(peers, line, {
          url: gateway.mcpUrl(server),
          headers: { authorization: `Bearer ${await gateway.mcpToken(server)}` },
          answers: ANSWERS,
          steps,
        }),
    });
  } finally {
    await gateway.stop();
    await Promise.all([folder, files].map((path) => Deno.remove(path, { recursive: true })));
  }
}

async function seeEverything({ see }: World, line: ClientLine): Promise<void> {
  const run = await see(line, "everything", [
    { method: "tools/list", list: "tools" },
    call("echo", { message: "hi" }),
    call("get-structured-content", { location: "Chicago" }),
    { method: "resources/list", list: "resources" },
    { method: "prompts/get", params: { name: "args-prompt", arguments: { city: "Paris" } } },
    call("trigger-long-running-operation", { duration: 1, steps: 3 }),
    call("trigger-elicitation-request", {}),
    call("trigger-sampling-request", { prompt: "x" }),
    call("get-env", {}),
  ]);
  const [tools, echo, structured, resources, prompt, long, elicited, sampled, env] = valuesOf(run);
  assert.equal(run.version, isModern(line) ? "2026-07-28" : "2025-11-25");
  assert.equal(run.session, !isModern(line), "a session exactly where the era has them");
  assert.ok(tools.length > 8);
  assert.equal(echo.content[0].text, "Echo: hi");
  assert.equal(typeof structured.structuredContent.temperature, "number");
  assert.ok(resources.length > 3);
  assert.match(prompt.messages[0].content.text, /Paris/);
  assert.match(long.content[0].text, /completed/);
  assert.ok(run.heard.some(({ method }) => method === "progress"), "progress was passed on");
  assert.match(JSON.stringify(elicited), /Ada/);
  assert.match(JSON.stringify(sampled), /sampled/);
  const variables = Object.keys(JSON.parse(env.content[0].text)).sort();
  assert.deepEqual(variables, ["HOME", "LANG", "PATH", "PWD"], "a child sees nothing of ours");
}

async function seeFiles({ see, files }: World, line: ClientLine): Promise<void> {
  const run = await see(line, "files", [
    call("read_text_file", { path: `${files}/hello.txt` }),
    call("read_text_file", { path: "/etc/passwd" }),
    call("write_file", { path: `${files}/new.txt`, content: "x" }),
  ]);
  const [read, outside, written] = valuesOf(run);
  assert.equal(read.content[0].text, "hello\n");
  assert.equal(outside.isError, true, "its own limits hold");
  assert.equal(written.isError, true, "what it may only read it cannot write");
  await assert.rejects(Deno.stat(`${files}/new.txt`), Deno.errors.NotFound);
}

async function seeBothEras({ see }: World, line: ClientLine): Promise<void> {
  const run = await see(line, "conformance", [
    call("test_simple_text", {}),
    call("test_input_required_result_elicitation", {}),
    call("test_error_handling", {}),
    call("no_such_tool", {}),
    { method: "resources/read", params: { uri: "test://static-binary" } },
    {
      method: "completion/complete",
      params: {
        ref: { type: "ref/prompt", name: "test_prompt_with_arguments" },
        argument: { name: "arg1", value: "par" },
      },
    },
  ]);
  const [text, asked, failed, unknown, binary, completion] = run.results;
  assert.match(JSON.stringify(text), /simple text/);
  assert.match(JSON.stringify(asked), /Hello, Ada!/);
  assert.ok(failed?.ok && failed.value.isError);
  assert.ok(unknown && (!unknown.ok || unknown.value.isError), "an unknown tool is no success");
  assert.ok(binary?.ok && binary.value.contents[0].blob.length > 50);
  assert.ok(completion?.ok && completion.value.completion.values.includes("paris"));
}

async function seeAll({ see, files }: World): Promise<void> {
  const run = await see("v2-auto", "all", [
    { method: "tools/list", list: "tools" },
    call("everything__echo", { message: "hi" }),
    call("files__read_text_file", { path: `${files}/hello.txt` }),
  ]);
  const [tools, echo, read] = valuesOf(run);
  const servers = new Set(tools.map(({ name }: { name: string }) => name.split("__")[0]));
  for (const name of ["everything", "files", "conformance", "self"]) assert.ok(servers.has(name));
  assert.equal(echo.content[0].text, "Echo: hi");
  assert.equal(read.content[0].text, "hello\n");
}

async function inspect({ gateway, peers }: World): Promise<void> {
  const token = await gateway.mcpToken("everything");
  const at = [gateway.mcpUrl("everything"), "--transport", "http"];
  const header = ["--header", `Authorization: Bearer ${token}`];
  const run = (...args: string[]) => peers.run("inspector", ["--cli", ...at, ...header, ...args]);
  const listed = await run("--method", "tools/list");
  assert.equal(listed.code, 0, listed.stderr);
  assert.ok(JSON.parse(listed.stdout).tools.length > 8);
  const echo = ["--tool-name", "echo", "--tool-arg", "message=hi"];
  const called = await run("--method", "tools/call", ...echo);
  assert.equal(called.code, 0, called.stderr);
  assert.match(called.stdout, /Echo: hi/);
  const refused = await peers.run("inspector", ["--cli", ...at, "--method", "tools/list"]);
  assert.notEqual(refused.code, 0, "nobody is let in without a token");
}

async function seeRows({ gateway }: World): Promise<void> {
  const { stdout } = await gateway.cli(
    "infra",
    "logs",
    "tools",
    "list",
    "--server",
    "everything",
    "--tool",
    "echo",
    "--json",
  );
  const { calls } = JSON.parse(stdout).data;
  // One of each client, one through `all`, one of the Inspector.
  assert.equal(calls.length, CLIENT_LINES.length + 2);
  for (const { status, execution_time_ms: ms, surface } of calls) {
    assert.deepEqual([status, surface], ["ok", "mcp"]);
    assert.ok(ms >= 0);
  }
}

function call(name: string, args: object): ClientStep {
  return { method: "tools/call", params: { name, arguments: args } };
}

// deno-lint-ignore no-explicit-any -- results of every shape
function valuesOf(run: ClientRun): any[] {
  assert.equal(run.error, undefined);
  return run.results.map((result) =>
    result.ok ? result.value : assert.fail(JSON.stringify(result.error))
  );
}

function isModern(line: ClientLine): boolean {
  return line === "v2-2026" || line === "v2-auto";
}
