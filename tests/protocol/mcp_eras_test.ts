/** Clients of either era before servers of either era: what a server asks finds its client, and nobody else. */
import assert from "node:assert/strict";
import { fixture, modern, openSession, post, readAnswer } from "../support/mcp_http.ts";
import type { TestGateway } from "../support/mcp_gateway.ts";
import { gatewayTest } from "../support/mcp_test.ts";
import { CLIENT_LINES, obtainPeers, runMcpClient } from "../support/mcp_peers/mod.ts";
import { startTestGateway } from "../support/mcp_gateway.ts";

const ELICITATION = { elicitation: { form: {}, url: {} } };

Deno.test("every official client gets through to servers of every era", async (t) => {
  const peers = await obtainPeers();
  if ("reason" in peers) {
    await t.step({ name: `skipped: ${peers.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const servers = { legacy: fixture(["legacy", "paged"]), modern: fixture(["modern", "paged"]) };
  const gateway = await startTestGateway({ servers, defaultToken: "token-1" });
  try {
    for (const server of ["legacy", "modern"]) {
      for (const line of CLIENT_LINES) {
        await t.step(`${line} to a server that is ${server} only`, async () => {
          const run = await runMcpClient(peers, line, {
            url: gateway.url(server),
            answers: { "elicitation/create": { action: "accept", content: { name: "Ada" } } },
            steps: [
              { method: "tools/list", list: "tools" },
              { method: "tools/call", params: { name: "echo", arguments: { a: 1 } } },
              { method: "tools/call", params: { name: "ask", arguments: {} } },
              { method: "tools/call", params: { name: "page", arguments: {} } },
              { method: "tools/call", params: { name: "structured", arguments: { n: 7 } } },
              { method: "resources/templates/list", list: "resourceTemplates" },
              { method: "prompts/get", params: { name: "greet" } },
            ],
          });
          assert.equal(run.error, undefined);
          const [tools, echo, asked, page, structured, templates, prompt] = run.results
            .map((result) => result.ok ? result.value : assert.fail(JSON.stringify(result.error)));
          assert.equal(tools.length, 15, "all pages, less what is denied by its name");
          assert.equal(echo.content[0].text, '{"a":1}');
          assert.match(asked.content[0].text, /^accept: \{"name":"Ada"\}/);
          assert.equal(page.content[0].text, "accept");
          assert.deepEqual(structured.structuredContent, { n: 7 });
          assert.equal(templates.length, 1);
          assert.match(prompt.messages[0].content.text, /^Hello/);
          assert.equal(run.asked.length, 2);
        });
      }
    }
  } finally {
    await gateway.stop();
  }
});

/** Calls a tool that asks; answers the question's key and the state. */
async function askFor(
  gateway: TestGateway,
  token: string,
): Promise<{ readonly key: string; readonly requestState: string }> {
  const { reply } = await modern(gateway.url("fix"), token, "tools/call", {
    name: "ask",
    arguments: { a: 1 },
  }, { capabilities: ELICITATION });
  assert.equal(reply.result.resultType, "input_required");
  const [[key, request]] = Object.entries<{ method: string }>(reply.result.inputRequests) as [
    [string, { method: string }],
  ];
  assert.equal(request.method, "elicitation/create");
  return { key, requestState: reply.result.requestState };
}

gatewayTest("a kept call goes on for its client alone, with the same arguments, once", {
  fix: fixture(["legacy"]),
}, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const { key, requestState } = await askFor(gateway, token);
  const inputResponses = { [key]: { action: "accept", content: { name: "Ada" } } };
  const retry = (by: string, params: object, capabilities: object = ELICITATION) =>
    modern(url, by, "tools/call", { name: "ask", arguments: { a: 1 }, ...params }, {
      capabilities: { ...capabilities },
    });
  const stranger = gateway.token({ userId: "user-2", sessionId: "session-2" });
  for (
    const attempt of [
      retry(stranger, { inputResponses, requestState }),
      retry(gateway.token({ sessionId: "session-3" }), { inputResponses, requestState }),
      retry(token, { inputResponses, requestState, arguments: { a: 2 } }),
      retry(token, { inputResponses, requestState: `0.${"0".repeat(48)}` }),
      retry(token, { inputResponses, requestState: "nonsense" }),
    ]
  ) assert.equal((await attempt).reply.error?.code, -32602);
  const { reply } = await retry(token, { inputResponses, requestState });
  assert.equal(reply.result.content[0].text, 'accept: {"name":"Ada"}');
  const again = await retry(token, { inputResponses, requestState });
  assert.equal(again.reply.error.code, -32602, "a state is good once");
  const outcomes = (await gateway.rows(16)).filter(({ kind }) => kind === "outcome");
  assert.equal(outcomes.length, 8, "each round is decided and has its outcome");
});

gatewayTest("a credential in an answer stays here, in both eras", {
  fix: fixture(["legacy"]),
}, async (gateway) => {
  const secret = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const token = gateway.token();
  const { key, requestState } = await askFor(gateway, token);
  const { reply } = await modern(gateway.url("fix"), token, "tools/call", {
    name: "ask",
    arguments: { a: 1 },
    inputResponses: { [key]: { action: "accept", content: { name: secret } } },
    requestState,
  }, { capabilities: ELICITATION });
  assert.equal(reply.result.isError, true);
  assert.match(reply.result.content[0].text, /secret_detection/);

  const session = await openSession(gateway.url("fix"), token, ELICITATION);
  const response = await fetch(gateway.url("fix"), {
    method: "POST",
    headers: {
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      "mcp-session-id": session.id,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 5, method: "tools/call", params: { name: "ask" } }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let asked: { id: string } | undefined;
  while (!asked) {
    text += (await reader?.read())?.value ?? assert.fail(`It ended: ${text}`);
    const line = /data: (\{.*"elicitation\/create".*\})\n/.exec(text)?.[1];
    if (line) asked = JSON.parse(line);
  }
  const result = { action: "accept", content: { name: secret } };
  await session.send({ jsonrpc: "2.0", id: asked.id, result });
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true, value: "" };
    if (done) break;
    text += value;
  }
  const { reply: last } = readAnswer(response, text);
  assert.equal(last.result.content[0].text, "cancel: null");
  const rows = await gateway.rows(5);
  assert.ok(rows.some(({ detail }) => detail.event === "elicitation/create"));
  assert.ok(!JSON.stringify(rows).includes(secret));
});

gatewayTest(
  "what a session is asked, nobody else answers",
  { fix: fixture(["legacy"]) },
  async (gateway) => {
    const mine = gateway.token();
    const session = await openSession(gateway.url("fix"), mine, ELICITATION);
    const other = await openSession(gateway.url("fix"), gateway.token({ userId: "user-2" }));
    const call = session.request("tools/call", { name: "ask" });
    await gateway.rows(1);
    for (const id of ["spgov-1", "spgov-2"]) {
      await other.send({
        jsonrpc: "2.0",
        id,
        result: { action: "accept", content: { name: "Eve" } },
      });
    }
    await session.send({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 1 },
    });
    void call.catch(() => undefined);
    const last = (await gateway.rows(2)).at(-1);
    assert.equal(last?.decision, "cancelled");
    assert.ok(!JSON.stringify(last).includes("Eve"));
  },
);

for (const era of ["legacy", "modern"] as const) {
  gatewayTest(`changes are told to those who listen, from a ${era} server`, {
    fix: fixture([era]),
  }, async (gateway) => {
    const token = gateway.token();
    const url = gateway.url("fix");
    const leaving = new AbortController();
    const notifications = { toolsListChanged: true, resourceSubscriptions: ["test://one"] };
    const told: { method: string; params: Record<string, unknown> }[] = [];
    const listening = listenTo(url, token, notifications, leaving.signal, (one) => told.push(one));
    const until = async (method: string, wanted = 1) => {
      for (const end = Date.now() + 5000;;) {
        const found = told.filter((one) => one.method === method);
        if (found.length >= wanted) return found;
        if (Date.now() > end) assert.fail(`No ${method}: ${JSON.stringify(told)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const [ack] = await until("notifications/subscriptions/acknowledged");
    assert.deepEqual(ack?.params["notifications"], notifications);
    assert.equal((await until("notifications/resources/updated"))[0]?.params["uri"], "test://one");
    await modern(url, token, "tools/call", { name: "change", arguments: { description: "x" } });
    const [changed] = await until("notifications/tools/list_changed");
    const meta = changed?.params["_meta"] as Record<string, unknown>;
    assert.equal(meta["io.modelcontextprotocol/subscriptionId"], 77);
    assert.ok(!told.some(({ method }) => method === "notifications/prompts/list_changed"));
    leaving.abort();
    await listening;

    const session = await openSession(url, token);
    const stream = await fetch(url, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: "text/event-stream",
        "mcp-session-id": session.id,
      },
    });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const subscribed = await session.request("resources/subscribe", { uri: "test://one" });
    assert.deepEqual(subscribed.reply.result, {});
    const refused = await session.request("resources/subscribe", { uri: "file:///etc/passwd" });
    assert.equal(refused.reply.error.code, -32602);
    let text = "";
    while (!text.includes("notifications/resources/updated")) {
      text += (await reader?.read())?.value ?? assert.fail("It ended");
    }
    await reader?.cancel();
  });
}

async function listenTo(
  url: string,
  token: string,
  notifications: object,
  signal: AbortSignal,
  tell: (message: { method: string; params: Record<string, unknown> }) => void,
): Promise<void> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${token}`,
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 77,
      method: "subscriptions/listen",
      params: { notifications, _meta },
    }),
    signal,
  });
  let rest = "";
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("data: ")) tell(JSON.parse(line.slice(6)));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

gatewayTest("what both eras have not in common is not mixed up", {
  legacy: fixture(["legacy"]),
  modern: fixture(["modern"]),
}, async (gateway) => {
  const token = gateway.token();
  for (const server of ["legacy", "modern"]) {
    const url = gateway.url(server);
    const discovered = await modern(url, token, "server/discover");
    assert.deepEqual(discovered.reply.result.supportedVersions, ["2026-07-28"]);
    assert.equal(discovered.reply.result.instructions, "Be kind");
    assert.equal(discovered.reply.result.cacheScope, "private");
    const listed = await modern(url, token, "tools/list");
    assert.equal(listed.reply.result.resultType, "complete");
    assert.equal(typeof listed.reply.result.ttlMs, "number");
    for (const method of ["initialize", "ping", "logging/setLevel", "resources/subscribe"]) {
      const { status, reply } = await modern(url, token, method, { uri: "test://one" });
      assert.deepEqual([status, reply.error.code], [404, -32601], method);
    }
    const session = await openSession(url, token);
    const legacy = await session.request("tools/list");
    assert.equal(legacy.reply.result.resultType, undefined);
    assert.equal(legacy.reply.result.ttlMs, undefined);
    const seen = await session.request("tools/call", { name: "seen" });
    const { _meta } = JSON.parse(seen.reply.result.content[0].text);
    const claimed = _meta?.["io.modelcontextprotocol/protocolVersion"];
    assert.equal(claimed, server === "modern" ? "2026-07-28" : undefined);
    assert.equal((await session.request("server/discover")).reply.error.code, -32601);
    const old = await post(url, token, {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "1999-01-01",
        capabilities: {},
        clientInfo: { name: "x", version: "1" },
      },
    });
    assert.equal(old.reply.result.protocolVersion, "2025-11-25");
  }
});

gatewayTest("tasks are their client's; what goes into one is decided, what comes out is searched", {
  fix: fixture(["modern"]),
  shared: fixture(["modern"], { isolation: "shared" }),
}, async (gateway) => {
  const secret = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const token = gateway.token();
  const url = gateway.url("fix");
  const headers = { "mcp-name": "task-1" };
  const taskId = "task-1";
  const created = await modern(url, token, "tools/call", {
    name: "long",
    arguments: { reversed: [...secret].reverse().join("") },
  });
  assert.equal(created.reply.result.resultType, "task");
  const stranger = gateway.token({ userId: "user-2", sessionId: "session-2" });
  const theirs = await modern(url, stranger, "tasks/get", { taskId }, { headers });
  assert.ok(theirs.reply.error, "another client has another process");
  const leak = { answer: { action: "accept", content: { x: secret } } };
  const denied = await modern(url, token, "tasks/update", { taskId, inputResponses: leak }, {
    headers,
  });
  assert.equal(denied.reply.error.data.policy, "secret_detection");
  const inputResponses = { answer: { action: "decline" } };
  const given = await modern(url, token, "tasks/update", { taskId, inputResponses }, { headers });
  assert.ok(given.reply.result);
  const done = await modern(url, token, "tasks/get", { taskId }, { headers });
  const { text } = done.reply.result.result.content[0];
  assert.match(text, /^It was \[redacted:[^\]]+\] .*decline/);
  const targets = (await gateway.rows(4)).map(({ target }) => target);
  assert.ok(targets.includes("mcp:fix/task:task-1"));
  const shared = await modern(gateway.url("shared"), token, "tasks/get", { taskId }, { headers });
  assert.equal(shared.reply.error.code, -32601, "of a shared server nobody gets at tasks");
});

gatewayTest("a credential in a description or in instructions goes no further", {
  fix: fixture(["legacy"], { pinning: "off" }),
}, async (gateway) => {
  const secret = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;
  const session = await openSession(gateway.url("fix"), gateway.token());
  const reversed = [...`Use ${secret}`].reverse().join("");
  await session.request("tools/call", { name: "change", arguments: { reversed } });
  const { reply } = await session.request("tools/list");
  const echo = reply.result.tools.find(({ name }: { name: string }) => name === "echo");
  assert.match(echo.description, /^Use \[redacted:/);
});
