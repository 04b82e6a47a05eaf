/** The listener that others than this host can reach carries streams, and knows when a client has gone. */
import assert from "node:assert/strict";
import { fixture, modern, openSession } from "../support/mcp_http.ts";
import { gatewayTest } from "../support/mcp_test.ts";

gatewayTest(
  "streams and cancellation through the guarded listener",
  { fix: fixture() },
  async (gateway) => {
    const token = gateway.token();
    const url = gateway.url("fix");
    const session = await openSession(url, token);
    const stream = await fetch(url, {
      headers: {
        "authorization": `Bearer ${token}`,
        "accept": "text/event-stream",
        "mcp-session-id": session.id,
      },
    });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await session.request("tools/call", { name: "change", arguments: { description: "x" } });
    let text = "";
    while (!text.includes("list_changed")) {
      text += (await reader?.read())?.value ?? assert.fail("It ended");
    }
    await reader?.cancel();
    const leaving = AbortSignal.timeout(300);
    const slow = { name: "slow", arguments: { ms: 20_000 } };
    await assert.rejects(modern(url, token, "tools/call", slow, { signal: leaving }));
    const outcome = (await gateway.rows(4)).find(({ target, kind }) =>
      kind === "outcome" && target.endsWith("/slow")
    );
    assert.equal(outcome?.decision, "cancelled");
    const bytes = 3_000_000;
    const { reply } = await session.request("tools/call", { name: "big", arguments: { bytes } });
    assert.equal(reply.result.content[0].text.length, bytes);
  },
  { listener: "guarded" },
);

gatewayTest("who opens sessions without end loses their oldest", {
  fix: fixture([], { isolation: "shared" }),
}, async (gateway) => {
  const token = gateway.token();
  const url = gateway.url("fix");
  const first = await openSession(url, token);
  const other = await openSession(url, gateway.token({ userId: "user-2", sessionId: "session-2" }));
  for (let at = 0; at < 100; at++) await openSession(url, token);
  assert.equal((await first.request("tools/list")).status, 404);
  assert.equal((await other.request("tools/list")).status, 200, "another's stays");
  assert.equal(gateway.mcp.stats().sessions, 101);
});
