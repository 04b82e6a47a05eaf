/** A call is decided and recorded before it is sent on; what comes back is searched; both leave a row. */
import assert from "node:assert/strict";
import { fixture, modern, openSession, post } from "../support/mcp_http.ts";
import { gatewayTest } from "../support/mcp_test.ts";

/** No real one; put together here so that no scanner finds it in this file. */
const SECRET = `ghp_${"k3Jd8sPq2Lm9".repeat(3)}`;

gatewayTest(
  "an allowed call has a decision and an outcome",
  { fix: fixture() },
  async (gateway) => {
    const token = gateway.token();
    const { reply } = await modern(gateway.url("fix"), token, "tools/call", {
      name: "echo",
      arguments: { text: "hello" },
    }, { meta: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
    assert.equal(reply.result.content[0].text, '{"text":"hello"}');
    const [decision, outcome] = await gateway.rows(2);
    assert.ok(decision && outcome);
    assert.equal(reply.result._meta["spgov/decision"].id, decision.id);
    assert.deepEqual([decision.kind, decision.target, decision.decision], [
      "decision",
      "mcp:fix/echo",
      "allow",
    ]);
    assert.deepEqual(decision.detail.input, { text: "hello" });
    assert.equal(decision.detail.event, "tools/call");
    assert.deepEqual([outcome.kind, outcome.callId, outcome.decision], [
      "outcome",
      decision.id,
      "ok",
    ]);
    assert.equal(outcome.detail.output.content[0].text, '{"text":"hello"}');
    assert.equal(outcome.detail.context.confinement, "none");
    assert.ok(outcome.detail.context.bytes > 0);
  },
);

gatewayTest(
  "a denied call starts no server and is told to the model",
  { fix: fixture() },
  async (gateway) => {
    const token = gateway.token();
    for (
      const place of [{ arguments: { note: SECRET } }, { arguments: {}, _meta: { x: SECRET } }]
    ) {
      const { _meta, ...params } = place as { arguments: object; _meta?: Record<string, unknown> };
      const { status, reply } = await modern(gateway.url("fix"), token, "tools/call", {
        name: "echo",
        ...params,
      }, _meta ? { meta: _meta } : {});
      assert.equal(status, 200);
      assert.equal(reply.result.isError, true);
      assert.match(reply.result.content[0].text, /^Denied by secret_detection/);
      assert.equal(reply.result.resultType, "complete");
      assert.ok(!JSON.stringify(reply).includes(SECRET.slice(4, 12)));
    }
    assert.equal(gateway.lines.opened.length, 0, "no server was started");
    const rows = await gateway.rows(2);
    assert.deepEqual(rows.map(({ kind, policy }) => [kind, policy]), [
      ["decision", "secret_detection"],
      ["decision", "secret_detection"],
    ]);
    assert.ok(!JSON.stringify(rows).includes(SECRET.slice(4, 12)));
  },
);

gatewayTest("what destroys is denied by its name", { fix: fixture() }, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  const { reply } = await session.request("tools/call", { name: "delete_everything" });
  assert.equal(reply.result.isError, true);
  assert.match(reply.result.content[0].text, /tool_blocklist/);
  const listed = await session.request("tools/list");
  const names = listed.reply.result.tools.map(({ name }: { name: string }) => name);
  assert.ok(!names.includes("delete_everything"));
  assert.ok(names.includes("echo"));
});

gatewayTest("prompts and resources are decided too", { fix: fixture() }, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const prompt = await modern(url, token, "prompts/get", { name: "greet", arguments: { a: "b" } });
  assert.match(prompt.reply.result.messages[0].content.text, /Hello/);
  const resource = await modern(url, token, "resources/read", { uri: "test://one" });
  assert.equal(resource.reply.result.contents[0].text, "content of test://one");
  const denied = await modern(url, token, "prompts/get", {
    name: "greet",
    arguments: { a: SECRET },
  });
  assert.equal(denied.reply.error.code, -32003);
  assert.equal(denied.reply.error.data.policy, "secret_detection");
  const targets = (await gateway.rows(5)).map(({ kind, target }) => `${kind} ${target}`);
  assert.deepEqual(targets.toSorted(), [
    "decision mcp:fix/prompt:greet",
    "decision mcp:fix/prompt:greet",
    "decision mcp:fix/resource:test://one",
    "outcome mcp:fix/prompt:greet",
    "outcome mcp:fix/resource:test://one",
  ]);
});

gatewayTest("a credential in a result is redacted, the rest comes through", {
  fix: fixture(),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  const reversed = [...SECRET].reverse().join("");
  const { reply } = await session.request("tools/call", { name: "leak", arguments: { reversed } });
  const { text } = reply.result.content[0];
  assert.match(text, /^The token is \[redacted:[^\]]+\], it says$/);
  assert.equal(reply.result._meta["spgov/decision"].redacted.length, 1);
  const rows = await gateway.rows(2);
  assert.equal(rows[1]?.policy, "secret_detection");
  assert.equal(rows[1]?.decision, "ok");
  assert.equal(rows[1]?.detail.context.redacted_kinds.length, 1);
  assert.ok(!JSON.stringify(rows).includes(SECRET));
});

gatewayTest("a credential at the end of a large result withholds that text", {
  fix: fixture(),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  const reversed = [...SECRET].reverse().join("");
  const { reply } = await session.request("tools/call", {
    name: "big",
    arguments: { bytes: 3_000_000, reversed },
  });
  assert.match(reply.result.content[0].text, /^\[redacted:[a-z_]+:\d+ characters\]$/);
});

gatewayTest(
  "an error of the server comes through, and stands in the outcome",
  { fix: fixture() },
  async (gateway) => {
    const session = await openSession(gateway.url("fix"), gateway.token());
    const failed = await session.request("tools/call", { name: "fail" });
    assert.equal(failed.reply.result.isError, true);
    const structured = await session.request("tools/call", {
      name: "structured",
      arguments: { n: 1 },
    });
    assert.deepEqual(structured.reply.result.structuredContent, { n: 1 });
    const broken = await session.request("tools/call", {
      name: "structured",
      arguments: { n: "x" },
    });
    assert.match(broken.reply.error.message, /output schema/);
    const exited = await session.request("tools/call", { name: "exit" });
    assert.equal(exited.reply.error.code, -32050);
    const again = await session.request("tools/call", { name: "echo", arguments: { a: 1 } });
    assert.equal(again.reply.result.content[0].text, '{"a":1}', "the next call starts it again");
    const outcomes = (await gateway.rows(10)).filter(({ kind }) => kind === "outcome");
    assert.deepEqual(outcomes.map(({ decision }) => decision), [
      "error",
      "ok",
      "error",
      "error",
      "ok",
    ]);
  },
);

gatewayTest("an unknown tool is an error of the protocol", { fix: fixture() }, async (gateway) => {
  const { reply } = await modern(gateway.url("fix"), gateway.token(), "tools/call", {
    name: "none",
  });
  assert.equal(reply.error.code, -32602);
  assert.equal((await gateway.rows(1))[0]?.decision, "deny");
});

gatewayTest("a client that goes away cancels its call", { fix: fixture() }, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  await modern(url, token, "tools/call", { name: "echo" });
  const leaving = AbortSignal.timeout(300);
  await assert.rejects(
    modern(url, token, "tools/call", { name: "slow", arguments: { ms: 20_000 } }, {
      signal: leaving,
    }),
  );
  const outcome = (await gateway.rows(4)).find(({ target, kind }) =>
    kind === "outcome" && target.endsWith("/slow")
  );
  assert.equal(outcome?.decision, "cancelled");
  const seen = await modern(url, token, "tools/call", { name: "seen" });
  assert.equal(JSON.parse(seen.reply.result.content[0].text).cancelled.length, 1);
});

gatewayTest("a session cancels by a notification", { fix: fixture() }, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  await session.request("tools/call", { name: "echo" });
  const call = { jsonrpc: "2.0", id: "slow-1", method: "tools/call" };
  const slow = session.send({ ...call, params: { name: "slow", arguments: { ms: 3000 } } });
  await gateway.rows(3);
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled" };
  await session.send({ ...cancel, params: { requestId: "slow-1" } });
  const outcome = (await gateway.rows(4)).at(-1);
  assert.equal(outcome?.decision, "cancelled");
  void slow.catch(() => undefined);
});

gatewayTest("a call that takes too long ends by itself", {
  fix: fixture([], { tools: { slow: { timeout_ms: 200 } } }),
}, async (gateway) => {
  const session = await openSession(gateway.url("fix"), gateway.token());
  const { reply } = await session.request("tools/call", { name: "slow", arguments: { ms: 5000 } });
  assert.equal(reply.error.code, -32050);
  assert.equal(reply.error.data.reason, "timeout");
  assert.equal((await gateway.rows(2))[1]?.decision, "timeout");
});

gatewayTest("no more calls run at once than the server may have", {
  fix: fixture([], { concurrency: 1, isolation: "shared" }),
}, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  await modern(url, token, "tools/call", { name: "echo" });
  const start = performance.now();
  const calls = [1, 2, 3].map(() =>
    modern(url, token, "tools/call", { name: "slow", arguments: { ms: 150 } })
  );
  for (const { reply } of await Promise.all(calls)) {
    assert.equal(reply.result.content[0].text, "late");
  }
  assert.ok(performance.now() - start > 440, "one after the other");
});

gatewayTest(
  "a result of ten megabytes comes through, searched to its end",
  { fix: fixture() },
  async (gateway) => {
    const session = await openSession(gateway.url("fix"), gateway.token());
    const bytes = 10_000_000;
    const whole = await session.request("tools/call", { name: "big", arguments: { bytes } });
    assert.equal(whole.reply.result.content[0].text.length, bytes);
    const outcome = (await gateway.rows(2))[1];
    assert.ok(outcome?.detail.context.bytes > bytes);
    assert.ok(JSON.stringify(outcome).length < 20_000, "the row keeps the beginning only");
  },
);

gatewayTest("progress and log messages find their request", { fix: fixture() }, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const session = await openSession(url, token);
  const _meta = { progressToken: "mine" };
  const legacy = await session.request("tools/call", { name: "progress", _meta });
  const now = await modern(url, token, "tools/call", { name: "progress" }, { meta: _meta });
  for (const { messages } of [legacy, now]) {
    const progress = messages.filter(({ method }) => method === "notifications/progress");
    assert.deepEqual(progress.map(({ params }) => params.progress), [1, 2, 3]);
    assert.ok(progress.every(({ params }) => params.progressToken === "mine"));
  }
  const silent = await modern(url, token, "tools/call", { name: "log" });
  assert.equal(silent.messages.length, 1);
  const meta = { "io.modelcontextprotocol/logLevel": "info" };
  const logged = await modern(url, token, "tools/call", { name: "log" }, { meta });
  assert.equal(logged.messages[0].method, "notifications/message");
});

gatewayTest(
  "addresses that reach for more than is offered are denied",
  { fix: fixture() },
  async (gateway) => {
    const token = gateway.token();
    const url = gateway.url("fix");
    const read = async (uri: string) =>
      (await modern(url, token, "resources/read", { uri }, {
        headers: { "mcp-name": `=?base64?${btoa(uri)}?=` },
      })).reply;
    for (const uri of ["test://item/7", "file:///listed.txt", "test://odd/../listed"]) {
      assert.ok((await read(uri)).result, uri);
    }
    for (
      const [uri, rule] of [
        ["file:///etc/passwd", "resource_file"],
        ["FILE:///etc/passwd", "resource_file"],
        ["test://item/../../etc", "resource_traversal"],
        ["test://item/%2e%2e/etc", "resource_traversal"],
        ["test://item/%252e%252e%252fetc", "resource_traversal"],
        ["test://item/..\\etc", "resource_traversal"],
        ["no address", "resource_uri"],
        ["test://a\u0000b", "resource_uri"],
      ] as const
    ) {
      const reply = await read(uri);
      assert.ok(reply.error, uri);
      assert.equal(reply.error.data.rule, rule, uri);
    }
  },
);

gatewayTest("methods that are not known go nowhere", { fix: fixture() }, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const unknown = await modern(url, token, "secrets/list");
  assert.deepEqual([unknown.status, unknown.reply.error.code], [404, -32601]);
  const session = await openSession(url, token);
  assert.equal((await session.request("sampling/createMessage")).reply.error.code, -32601);
  const completed = await session.request("completion/complete", {
    ref: { type: "ref/prompt", name: "greet" },
    argument: { name: "who", value: "A" },
  });
  assert.deepEqual(completed.reply.result.completion.values, ["Ada", "Alan"]);
  const leaky = await post(url, token, {
    jsonrpc: "2.0",
    id: 9,
    method: "completion/complete",
    params: {
      ref: { type: "ref/prompt", name: "greet" },
      argument: { name: "who", value: SECRET },
    },
  }, { "mcp-session-id": session.id });
  assert.equal(leaky.reply.error.code, -32003);
});
