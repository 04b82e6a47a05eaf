/** Tools are as they were approved, or they are not there. */
import assert from "node:assert/strict";
import { approvePending, diffTool, listPinnedTools } from "../../src/mcp/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { fixture, openSession, type RawSession } from "../support/mcp_http.ts";
import type { TestGateway } from "../support/mcp_gateway.ts";
import { gatewayTest } from "../support/mcp_test.ts";

async function names(session: RawSession): Promise<string[]> {
  const { reply } = await session.request("tools/list");
  return reply.result.tools.map(({ name }: { name: string }) => name);
}

/** Approves as the command line does: as the database's owner. */
async function approve(gateway: TestGateway, server: string, tool?: string): Promise<string[]> {
  const sql = openPool(gateway.owner, { max: 1, applicationName: "tests" });
  try {
    return (await approvePending(sql, server, tool, "tests")).map((row) => row.tool);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 5000;;) {
    if (await check()) return;
    if (Date.now() > until) assert.fail("It did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

gatewayTest("a description that changes hides the tool until it is approved", {
  fix: fixture(),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  assert.ok((await names(session)).includes("echo"));
  const given = { name: "change", arguments: { description: "Says it\u200b again" } };
  await session.request("tools/call", given);
  await eventually(async () => !(await names(session)).includes("echo"));
  const { reply } = await session.request("tools/call", { name: "echo", arguments: {} });
  assert.equal(reply.result.isError, true);
  const denied = (await gateway.rows(3)).at(-1);
  assert.deepEqual([denied?.policy, denied?.detail.rule], ["tool_blocklist", "pin_changed"]);
  const pinned = (await listPinnedTools(gateway.sql, "fix")).find(({ tool }) => tool === "echo");
  const diff = diffTool(pinned?.approvedDefinition, pinned?.pendingDefinition);
  assert.deepEqual(diff.filter(({ sign }) => sign !== " ").map(({ sign, text }) => sign + text), [
    "-description: Says it again",
    "+description: Says it⟨U+200B⟩ again",
  ]);
  assert.deepEqual(await approve(gateway, "fix", "echo"), ["echo"]);
  await eventually(async () => (await names(session)).includes("echo"));
  const allowed = await session.request("tools/call", { name: "echo", arguments: { a: 1 } });
  assert.equal(allowed.reply.result.content[0].text, '{"a":1}');
});

gatewayTest("a tool that is new since the first approval waits for its own", {
  fix: fixture(),
}, async (gateway) => {
  await names(await openSession(gateway.url("fix"), gateway.token()));
  gateway.replace("fix", fixture(["extra"]));
  const session = await openSession(gateway.url("fix"), gateway.token());
  assert.ok(!(await names(session)).includes("added"));
  await session.request("tools/call", { name: "added" });
  assert.equal((await gateway.rows(1))[0]?.detail.rule, "pin_unapproved");
  assert.deepEqual(await approve(gateway, "fix"), ["added"]);
  await eventually(async () => (await names(session)).includes("added"));
});

gatewayTest("a server that gives itself another name is another server", {
  fix: fixture(),
}, async (gateway) => {
  await names(await openSession(gateway.url("fix"), gateway.token()));
  gateway.replace("fix", fixture(["renamed"]));
  const session = await openSession(gateway.url("fix"), gateway.token());
  assert.deepEqual(await names(session), []);
});

gatewayTest("nothing is approved by being seen where the configuration says so", {
  fix: fixture([], { trust_on_first_use: false }),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  assert.deepEqual(await names(session), []);
  await approve(gateway, "fix");
  await eventually(async () => (await names(session)).includes("echo"));
});

gatewayTest("a name that looks like another is never approved by being seen", {
  fix: fixture(["confusable"]),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  assert.deepEqual((await names(session)).filter((name) => name.endsWith("cho")), ["echo"]);
  const { reply } = await session.request("tools/call", { name: "\u0435cho" });
  assert.equal(reply.result.isError, true);
});

gatewayTest("pinning can warn only, or be off", {
  warn: fixture([], { pinning: "warn" }),
  off: fixture([], { pinning: "off" }),
}, async (gateway) => {
  for (const server of ["warn", "off"]) {
    const session = await openSession(gateway.url(server), gateway.token());
    await names(session);
    await session.request("tools/call", { name: "change", arguments: { description: "other" } });
    assert.ok((await names(session)).includes("echo"));
    const { reply } = await session.request("tools/call", { name: "echo", arguments: {} });
    assert.equal(reply.result.isError, undefined);
  }
  const servers = (await listPinnedTools(gateway.sql)).map(({ server }) => server);
  assert.ok(servers.includes("warn") && !servers.includes("off"));
});

gatewayTest("a gateway may not change what was approved", { fix: fixture() }, async (gateway) => {
  await names(await openSession(gateway.url("fix"), gateway.token()));
  await assert.rejects(
    gateway.sql`update mcp_tools set approved_hash = 'x' where server = 'fix'`,
    /permission denied/,
  );
  await assert.rejects(gateway.sql`delete from mcp_tools`, /permission denied/);
});

gatewayTest("an approval is told to whoever listens for changes of the list", {
  fix: fixture(),
}, async (gateway) => {
  const token = gateway.token();
  await names(await openSession(gateway.url("fix"), token));
  gateway.replace("fix", fixture(["extra"]));
  const session = await openSession(gateway.url("fix"), token);
  assert.ok(!(await names(session)).includes("added"));
  const stopped = new AbortController();
  const response = await fetch(gateway.url("fix"), {
    headers: {
      ...{ authorization: `Bearer ${token}`, accept: "text/event-stream" },
      ...{ "mcp-session-id": session.id, "mcp-protocol-version": "2025-11-25" },
    },
    signal: stopped.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.deepEqual(await approve(gateway, "fix"), ["added"]);
  let heard = "";
  while (!heard.includes("notifications/tools/list_changed")) {
    const { value, done } = await reader?.read() ?? { done: true };
    assert.ok(!done, heard);
    heard += value;
  }
  await eventually(async () => (await names(session)).includes("added"));
  stopped.abort();
  await reader?.cancel().catch(() => {});
});
