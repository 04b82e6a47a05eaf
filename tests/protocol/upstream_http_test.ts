/** Remote servers: what egress sends them, what it takes from them, and what it refuses. */
import assert from "node:assert/strict";
import { withVault } from "../store/vault_world.ts";
import { startConformanceServer } from "../support/mcp_peers/server.ts";
import { makeCertificate } from "../support/test_certificate.ts";
import { until } from "../support/processes.ts";
import {
  type AnswerRequest,
  events,
  type RemoteServer,
  reply,
  startRemoteServer,
} from "../support/remote_server.ts";
import { remoteServer, type UpstreamWorld, withUpstreams } from "../support/upstream_world.ts";
import type { HttpUpstream } from "../../src/upstream/mod.ts";

/** Upstreams with one remote server `a` that answers so. */
async function withRemote(
  answer: AnswerRequest,
  work: (world: UpstreamWorld & { readonly remote: RemoteServer }) => Promise<void>,
  options: Partial<HttpUpstream> = {},
): Promise<void> {
  const remote = startRemoteServer(answer);
  try {
    const servers = [remoteServer("a", remote.url, options)];
    await withUpstreams({ servers }, (world) => work({ ...world, remote }));
  } finally {
    await remote.stop();
  }
}

const INITIALIZE = {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
};
const MODERN = {
  _meta: {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  },
};

Deno.test("a server of the 2025 era: session, notifications, results, goodbye", async () => {
  const server = await startConformanceServer();
  try {
    await withUpstreams({ servers: [remoteServer("a", server.url)] }, async ({ open }) => {
      const line = await open("a");
      assert.equal(line.confinement, "remote");
      const { protocolVersion } = await line.ask("initialize", INITIALIZE);
      assert.equal(protocolVersion, "2025-06-18");
      line.send({ jsonrpc: "2.0", method: "notifications/initialized" }, {
        "mcp-protocol-version": "2025-06-18",
      });
      const { tools } = await line.ask("tools/list");
      assert.ok(tools.length > 3);
      const { content } = await line.ask("tools/call", { name: "test_simple_text", arguments: {} });
      assert.equal(content[0].type, "text");
    });
  } finally {
    await server.stop();
  }
});

Deno.test("a server of the 2026 era: every request stands for itself", async () => {
  const server = await startConformanceServer();
  try {
    await withUpstreams({ servers: [remoteServer("a", server.url)] }, async ({ open }) => {
      const line = await open("a");
      const { supportedVersions } = await line.ask("server/discover", MODERN);
      assert.ok(supportedVersions.includes("2026-07-28"));
      const { content } = await line.ask("tools/call", {
        ...MODERN,
        name: "test_simple_text",
        arguments: {},
      });
      assert.equal(content[0].type, "text");
    });
  } finally {
    await server.stop();
  }
});

Deno.test("session and version go with every request; the session is ended with the line", async () => {
  await withRemote((request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    return reply(request, INITIALIZE, { "mcp-session-id": "session-1" });
  }, async ({ remote, open }) => {
    const line = await open("a");
    await line.ask("initialize", INITIALIZE);
    line.send({ jsonrpc: "2.0", id: "x", method: "tools/list" }, {
      "mcp-protocol-version": "2025-06-18",
      "mcp-session-id": "another",
      "mcp-param-region": "eu",
    });
    await until(() => remote.requests.length === 2);
    const { headers } = remote.requests[1] ?? { headers: new Headers() };
    assert.equal(headers.get("mcp-session-id"), "session-1");
    assert.equal(headers.get("mcp-protocol-version"), "2025-06-18");
    assert.equal(headers.get("mcp-param-region"), "eu");
    line.close();
    await until(() => remote.requests.some(({ method }) => method === "DELETE"));
    assert.equal(remote.requests.at(-1)?.headers.get("mcp-session-id"), "session-1");
  });
});

Deno.test("a session that the server has forgotten ends the line", async () => {
  let known = true;
  await withRemote((request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    if (!known) return new Response("no such session", { status: 404 });
    return reply(request, INITIALIZE, { "mcp-session-id": "session-1" });
  }, async ({ open }) => {
    const line = await open("a");
    await line.ask("initialize", INITIALIZE);
    known = false;
    line.tell("tools/list");
    assert.deepEqual(await line.closed, {
      kind: "closed",
      code: "exited",
      reason: "has forgotten the session",
    });
  });
});

Deno.test("a stream that breaks is taken up again where it broke", async () => {
  const message = (id: number, text: string) =>
    JSON.stringify({ jsonrpc: "2.0", id, result: { text } });
  await withRemote((request) => {
    if (request.method === "GET") {
      const from = request.headers.get("last-event-id");
      return events([`id: 8\ndata: ${message(1, `since ${from}`)}\n\n`], true);
    }
    return events(["retry: 10\nid: 7\ndata:\n\n"]);
  }, async ({ open }) => {
    assert.deepEqual(await (await open("a")).ask("tools/call"), { text: "since 7" });
  });
});

Deno.test("a request that is cancelled in the 2026 era ends its stream; in the 2025 era it is told", async () => {
  await withRemote((request) => {
    if (request.body.id === undefined) return new Response(null, { status: 202 });
    return events([": waiting\n\n"], true);
  }, async ({ remote, open }) => {
    const line = await open("a");
    line.tell("tools/call", MODERN);
    line.tell("tools/call");
    await until(() => remote.requests.length === 2);
    for (const requestId of [1, 2]) {
      line.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
    }
    await until(() => remote.requests.length === 3);
    assert.deepEqual(remote.requests[2]?.body.params, { requestId: 2 });
    const modern = remote.requests.find(({ body }) => body.id === 1);
    await until(() => modern?.signal.aborted === true);
  });
});

Deno.test("secret headers reach the server and nobody else, whatever it sends back", async () => {
  const secret = "canary-header-value-4711";
  await withVault(async ({ vault, set }) => {
    await set({ name: "KEY", value: secret, servers: ["a"] });
    const remote = startRemoteServer((request) => {
      const given = Object.fromEntries(request.headers);
      if (request.body.method === "refuse") {
        return new Response(JSON.stringify(given), { status: 403 });
      }
      return reply(request, given, { "x-echo": given["authorization"] ?? "" });
    });
    const server = remoteServer("a", remote.url, {
      headers: { "X-Team": "blue" },
      secret_headers: {
        Authorization: { secret: "KEY", prefix: "Bearer " },
        "X-Api-Key": { secret: "KEY", prefix: "" },
      },
    });
    try {
      await withUpstreams({ servers: [server], vault }, async ({ upstreams, open }) => {
        const line = await open("a");
        line.send({ jsonrpc: "2.0", id: 99, method: "x" }, {
          authorization: "Bearer of-the-gateway",
          "x-api-key": "of-the-gateway",
        });
        const { message, redacted } = await line.askFor("echo");
        const { result } = message as { result: Record<string, string> };
        assert.equal(result["x-team"], "blue");
        assert.equal(result["authorization"], "Bearer [redacted:KEY]");
        assert.deepEqual(redacted, ["KEY"]);
        for (const { headers } of remote.requests) {
          assert.equal(headers.get("authorization"), `Bearer ${secret}`);
          assert.equal(headers.get("x-api-key"), secret);
        }
        const refused = await line.askFor("refuse");
        assert.match(JSON.stringify(refused.message), /HTTP status 403/);
        const seen = JSON.stringify([line.events, upstreams.status(), upstreams.logs("a")]);
        assert.ok(!seen.includes(secret));
      });
    } finally {
      await remote.stop();
    }
  });
});

Deno.test("a server whose authority is not trusted gets no request, and no secret", async () => {
  const { ca, cert, key } = await makeCertificate(["IP:127.0.0.1"]);
  const remote = startRemoteServer((request) => reply(request, { here: true }), { cert, key });
  try {
    const servers = [remoteServer("open", remote.url), remoteServer("trusted", remote.url, { ca })];
    await withUpstreams({ servers }, async ({ open }) => {
      const line = await open("open");
      line.tell("initialize", INITIALIZE);
      assert.equal((await line.closed).code, "failed");
      assert.equal(remote.requests.length, 0);
      assert.deepEqual(await (await open("trusted")).ask("tools/call"), { here: true });
    });
  } finally {
    await remote.stop();
  }
});

Deno.test("a redirect is refused, and where it leads is not asked", async () => {
  const elsewhere = startRemoteServer((request) => reply(request, {}));
  try {
    for (const location of [elsewhere.url, "/other"]) {
      await withRemote(
        () => new Response(null, { status: 307, headers: { location } }),
        async ({ remote, open }) => {
          const line = await open("a");
          line.tell("initialize", INITIALIZE);
          const closed = await line.closed;
          assert.equal(closed.code, "failed");
          assert.match(closed.reason, /redirect/);
          assert.equal(remote.requests.length, 1);
        },
      );
    }
    assert.equal(elsewhere.requests.length, 0);
  } finally {
    await elsewhere.stop();
  }
});

Deno.test("answers and events beyond the limit end the line", async () => {
  const large = "x".repeat(200_000);
  const answers: readonly AnswerRequest[] = [
    (request) => reply(request, large),
    () => events([`data: ${large}`], true),
    () => events(Array(50).fill(`data: ${"y".repeat(5000)}\n`), true),
    () =>
      new Response(new Blob([large]).stream().pipeThrough(new CompressionStream("gzip")), {
        headers: { "content-type": "application/json", "content-encoding": "gzip" },
      }),
  ];
  for (const answer of answers) {
    await withRemote(answer, async ({ open }) => {
      const line = await open("a");
      line.tell("tools/call");
      const closed = await line.closed;
      assert.equal(closed.code, "limit", closed.reason);
    }, { output_limit_bytes: 100_000 });
  }
});

Deno.test("many events below the limit pass, and a flood that nobody asked for ends the line", async () => {
  const notification = `data: {"jsonrpc":"2.0","method":"notifications/x"}\n\n`;
  await withRemote((request) => {
    const last = `data: {"jsonrpc":"2.0","id":${request.body.id},"result":{}}\n\n`;
    return events([notification.repeat(request.body.params.count), last]);
  }, async ({ open }) => {
    const line = await open("a");
    await line.ask("x", { count: 1000 });
    assert.equal(line.events.length, 1001);
    line.tell("x", { count: 20_000 });
    assert.equal((await line.closed).code, "limit");
  }, { output_limit_bytes: 10_000 });
});

Deno.test("a server that does not answer in time, cannot be reached or is no MCP server", async () => {
  await withRemote(() => new Promise(() => {}), async ({ open }) => {
    const line = await open("a");
    line.tell("initialize", INITIALIZE);
    assert.match((await line.closed).reason, /did not answer within 200 ms/);
  }, { timeout_ms: 200 }).catch(() => {});

  const closedPort = startRemoteServer(() => new Response());
  await closedPort.stop();
  await withUpstreams(
    { servers: [remoteServer("a", closedPort.url)] },
    async ({ upstreams, open }) => {
      const line = await open("a");
      line.tell("initialize", INITIALIZE);
      assert.deepEqual(await line.closed, {
        kind: "closed",
        code: "failed",
        reason: "cannot be reached",
      });
      await assert.rejects(open("a"), { code: "unavailable" });
      assert.equal(upstreams.status()[0]?.state, "waiting");
    },
  );

  await withRemote(
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    async ({ open }) => {
      const { message } = await (await open("a")).askFor("initialize", INITIALIZE);
      assert.match(JSON.stringify(message), /"error"/);
    },
  );
});

Deno.test("what is no message ends the line as garbage", async () => {
  const answers: readonly AnswerRequest[] = [
    () => events(["data: {\n\n"], true),
    () => events(['data: {"level":"info"}\n\n'], true),
    () => new Response("{", { headers: { "content-type": "application/json" } }),
    () => Response.json({ hello: 1 }),
  ];
  for (const answer of answers) {
    await withRemote(answer, async ({ open }) => {
      const line = await open("a");
      line.tell("tools/call");
      assert.equal((await line.closed).code, "garbage");
    });
  }
});

Deno.test("errors of the server answer the request that they are for", async () => {
  const bodies = [
    [
      400,
      { jsonrpc: "2.0", id: 1, error: { code: -32020, message: "mismatch" } },
      /-32020.*mismatch/,
    ],
    [
      404,
      { jsonrpc: "2.0", id: null, error: { code: -32601, message: "unknown" } },
      /-32601.*unknown/,
    ],
    [500, { oops: true }, /HTTP status 500/],
    [401, {}, /HTTP status 401/],
  ] as const;
  for (const [status, body, expected] of bodies) {
    await withRemote(() => Response.json(body, { status }), async ({ open }) => {
      const line = await open("a");
      const { message } = await line.askFor("tools/call");
      assert.match(JSON.stringify(message), expected);
      const again = await line.askFor("tools/call");
      assert.match(JSON.stringify(again.message), expected, "the line lives");
    });
  }
});
