/** Who gets in, with which token, from which page, and with which header fields. */
import assert from "node:assert/strict";
import { envelope, fixture, modern, openSession, post, readAnswer } from "../support/mcp_http.ts";
import { gatewayTest } from "../support/mcp_test.ts";

const CALL = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "echo", arguments: {}, _meta: envelope() },
};
const HEADERS = {
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "echo",
};

gatewayTest(
  "without a token a client learns where to get one",
  { fix: fixture() },
  async (gateway) => {
    const { status, headers } = await post(gateway.url("fix"), undefined, CALL, HEADERS);
    assert.equal(status, 401);
    assert.equal(
      headers.get("www-authenticate"),
      `Bearer resource_metadata="${gateway.base}/.well-known/oauth-protected-resource` +
        `/api/v1/mcp/fix/mcp", scope="fix:use"`,
    );
    assert.equal((await gateway.rows()).length, 0);
    const wrong = await post(gateway.url("fix"), "nonsense", CALL, HEADERS);
    assert.equal(wrong.status, 401);
    assert.match(wrong.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
    assert.equal((await gateway.rows(1))[0]?.policy, "auth_failure");
    assert.equal(gateway.lines.opened.length, 0);
  },
);

gatewayTest("a token for one server is none for another", {
  a: fixture(),
  b: fixture(),
}, async (gateway) => {
  const token = gateway.token({ resource: gateway.url("a") });
  assert.equal((await modern(gateway.url("a"), token, "tools/call", { name: "echo" })).status, 200);
  for (const other of ["b", "all"]) {
    assert.equal((await modern(gateway.url(other), token, "tools/list")).status, 401);
  }
  assert.equal((await modern(gateway.url("none"), token, "tools/list")).status, 404);
});

gatewayTest("scopes that a call lacks are asked for, all at once", {
  fix: fixture([], { tools: { echo: { scopes: ["fix:echo"] } } }),
}, async (gateway) => {
  const url = gateway.url("fix");
  const none = await modern(url, gateway.token({ scopes: [] }), "tools/list");
  assert.equal(none.status, 403);
  assert.match(
    none.headers.get("www-authenticate") ?? "",
    /error="insufficient_scope".*resource_metadata=".*".*scope="fix:use"/,
  );
  const use = gateway.token({ scopes: ["fix:use"] });
  const step = await modern(url, use, "tools/call", { name: "echo" });
  assert.equal(step.status, 403);
  assert.match(step.headers.get("www-authenticate") ?? "", /scope="fix:use fix:echo"/);
  const listed = await modern(url, use, "tools/list");
  const names = listed.reply.result.tools.map(({ name }: { name: string }) => name);
  assert.ok(!names.includes("echo") && names.includes("slow"), "only what it may call is listed");
  const full = gateway.token({ scopes: ["fix:use", "fix:echo"] });
  assert.ok((await modern(url, full, "tools/call", { name: "echo" })).reply.result);
  const rows = await gateway.rows(4);
  assert.deepEqual(rows.slice(0, 2).map(({ policy, target }) => [policy, target]), [
    ["scope_restriction", "mcp:fix"],
    ["scope_restriction", "mcp:fix/echo"],
  ]);
});

gatewayTest("a server that asks for no token takes anybody, at the least tier", {
  open: fixture([], { oauth: { required: false } }),
}, async (gateway) => {
  const { reply } = await modern(gateway.url("open"), undefined, "tools/call", { name: "echo" });
  assert.equal(reply.result.isError, true);
  assert.match(reply.result.content[0].text, /scope_restriction/);
  assert.equal((await gateway.rows(1))[0]?.userId, "anonymous");
});

gatewayTest("names bound to our address, and pages of others, are turned away", {
  fix: fixture(),
}, async (gateway) => {
  const token = gateway.token();
  for (
    const [headers, status] of [
      [{ host: "evil.example" }, 403],
      [{ origin: "https://evil.example" }, 403],
      [{ origin: "null" }, 403],
      [{ origin: gateway.base }, 200],
      [{ origin: "http://localhost:3000" }, 200],
    ] as const
  ) {
    const host = "host" in headers ? headers.host : new URL(gateway.base).host;
    const got = await raw(gateway.base, { ...HEADERS, ...headers, host }, token);
    assert.equal(got, status, JSON.stringify(headers));
  }
});

/** fetch does not let a test choose the host. */
async function raw(base: string, headers: Record<string, string>, token: string): Promise<number> {
  const { hostname, port } = new URL(base);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const body = JSON.stringify(CALL);
  const lines = [
    "POST /api/v1/mcp/fix/mcp HTTP/1.1",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "content-type: application/json",
    "accept: application/json, text/event-stream",
    `authorization: Bearer ${token}`,
    `content-length: ${body.length}`,
    "connection: close",
  ];
  await socket.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body}`));
  const answer = await new Response(socket.readable).text();
  return Number(answer.slice(9, 12));
}

gatewayTest("header fields must be there and say what the body says", {
  fix: fixture(),
}, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const { ["mcp-name"]: _name, ...unnamed } = HEADERS;
  const { ["mcp-method"]: _method, ...unmethod } = HEADERS;
  const { ["mcp-protocol-version"]: _version, ...unversioned } = HEADERS;
  for (
    const headers of [
      unnamed,
      unmethod,
      unversioned,
      { ...HEADERS, "mcp-name": "slow" },
      { ...HEADERS, "mcp-name": "=?base64?bm90IGl0?=" },
      { ...HEADERS, "mcp-name": "=?base64?***?=" },
      { ...HEADERS, "mcp-method": "tools/list" },
      { ...HEADERS, "mcp-protocol-version": "2025-11-25" },
    ]
  ) {
    const { status, reply } = await post(url, token, CALL, headers as Record<string, string>);
    assert.deepEqual([status, reply.error.code], [400, -32020], JSON.stringify(headers));
  }
  assert.equal(
    (await post(url, token, CALL, { ...HEADERS, "mcp-name": "=?base64?ZWNobw==?=" })).status,
    200,
  );
  const mirrored = { name: "mirrored", arguments: { region: "eu" } };
  const missing = await modern(url, token, "tools/call", mirrored);
  assert.deepEqual([missing.status, missing.reply.error.code], [400, -32020]);
  const right = await modern(url, token, "tools/call", mirrored, {
    headers: { "mcp-param-region": "eu" },
  });
  assert.ok(right.reply.result);
  const wrong = await modern(url, token, "tools/call", mirrored, {
    headers: { "mcp-param-region": "us" },
  });
  assert.equal(wrong.reply.error.code, -32020);
});

gatewayTest(
  "an unknown revision is refused with those that are spoken",
  { fix: fixture() },
  async (gateway) => {
    const _meta = { ...envelope(), "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
    const { status, reply } = await post(gateway.url("fix"), gateway.token(), {
      ...CALL,
      params: { name: "echo", _meta },
    }, { ...HEADERS, "mcp-protocol-version": "2099-01-01" });
    assert.deepEqual([status, reply.error.code], [400, -32022]);
    assert.deepEqual(reply.error.data.supported, ["2026-07-28"]);
  },
);

gatewayTest("bodies that are no message are refused", { fix: fixture() }, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const session = await openSession(url, token);
  const legacy = { "mcp-session-id": session.id, "mcp-protocol-version": "2025-11-25" };
  const { params: _, ...bare } = CALL;
  for (
    const [body, code] of [
      [[CALL, CALL], -32600],
      [[], -32600],
      ["{", -32700],
      ["", -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', -32600],
      ["[".repeat(100) + "]".repeat(100), -32600],
      [{ ...bare, jsonrpc: "1.0" }, -32600],
    ] as const
  ) {
    for (const headers of [HEADERS, legacy]) {
      const { status, reply } = await post(url, token, body, headers);
      assert.equal(status, 400, JSON.stringify(body).slice(0, 80));
      assert.equal(reply.error.code, code, JSON.stringify(body).slice(0, 80));
    }
  }
  const large = await post(url, token, `"${"x".repeat(9_000_000)}"`, HEADERS);
  assert.equal(large.status, 413);
  const typed = await post(url, token, CALL, { ...HEADERS, "content-type": "text/plain" });
  assert.equal(typed.status, 415);
  assert.equal(gateway.lines.opened.length, 1, "only the session's own");
});

gatewayTest(
  "a session is its opener's, at its own server",
  { a: fixture(), b: fixture() },
  async (gateway) => {
    const mine = gateway.token();
    const session = await openSession(gateway.url("a"), mine);
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    const use = (url: string, token: string, id = session.id) =>
      post(url, token, list, { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" });
    assert.equal((await use(gateway.url("a"), mine)).status, 200);
    const strangers = [
      gateway.token({ userId: "user-2" }),
      gateway.token({ clientId: "client-2" }),
      gateway.token({ agent: "developer_agent" }),
    ];
    for (const token of strangers) assert.equal((await use(gateway.url("a"), token)).status, 404);
    const steppedUp = gateway.token({ sessionId: "session-2" });
    assert.equal((await use(gateway.url("a"), steppedUp)).status, 200, "a token with more scopes");
    assert.equal((await use(gateway.url("b"), mine)).status, 404);
    assert.equal((await use(gateway.url("all"), mine)).status, 404);
    for (const id of ["", "x", "7.00", session.id.slice(0, -1), `1${session.id.slice(1)}`]) {
      const { status } = await use(gateway.url("a"), mine, id);
      assert.ok(status === 404 || status === 400, `${id}: ${status}`);
    }
    assert.equal((await post(gateway.url("a"), mine, list)).status, 400, "no session at all");
    const end = (token: string) =>
      fetch(gateway.url("a"), {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}`, "mcp-session-id": session.id },
      }).then(async (response) => {
        await response.text();
        return response.status;
      });
    assert.equal(await end(strangers[0] ?? ""), 404);
    assert.equal((await use(gateway.url("a"), mine)).status, 200, "nobody else ends it");
    assert.equal(await end(mine), 200);
    assert.equal((await use(gateway.url("a"), mine)).status, 404);
    for (const until = Date.now() + 5000; gateway.lines.open > 0 && Date.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(gateway.lines.open, 0, "its upstream ended with it");
  },
);

gatewayTest(
  "a lost stream is taken up again where it was lost",
  { fix: fixture() },
  async (gateway) => {
    const token = gateway.token();
    const session = await openSession(gateway.url("fix"), token);
    const headers = {
      "authorization": `Bearer ${token}`,
      "accept": "text/event-stream",
      "mcp-session-id": session.id,
      "mcp-protocol-version": "2025-11-25",
    };
    /** Reads a stream until something is in it, and drops it. */
    async function readUntil(wanted: RegExp, lastId?: string): Promise<string> {
      const response = await fetch(gateway.url("fix"), {
        headers: { ...headers, ...lastId !== undefined && { "last-event-id": lastId } },
      });
      assert.equal(response.status, 200);
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!wanted.test(text)) text += (await reader?.read())?.value ?? assert.fail("It ended");
      await reader?.cancel();
      return text;
    }
    const change = (description: string) =>
      session.request("tools/call", { name: "change", arguments: { description } });
    const listening = readUntil(/data: \{.*list_changed/);
    await change("one");
    const [, lastId] = /^id: (\d+)\n.*list_changed/m.exec(await listening) ?? [];
    assert.ok(lastId !== undefined);
    await change("two");
    assert.match(await readUntil(/data: \{.*list_changed/, lastId), /list_changed/);
    const stranger = await fetch(gateway.url("fix"), {
      headers: { ...headers, authorization: `Bearer ${gateway.token({ userId: "other" })}` },
    });
    assert.equal(readAnswer(stranger, await stranger.text()).status, 404);
  },
);
