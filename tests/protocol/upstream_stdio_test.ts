import assert from "node:assert/strict";
import { childServer, withUpstreams } from "../support/upstream_world.ts";

Deno.test("a line carries messages to a child and back, and ends with it", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ upstreams, open }) => {
    const line = await open("a");
    const params = { text: "é\u2028\n", list: [1, null] };
    assert.deepEqual(await line.ask("echo", params), params);
    const [status] = upstreams.status();
    assert.equal(status?.state, "running");
    assert.equal(status?.lines, 1);
    line.tell("exit", { code: 3 });
    const closed = await line.closed;
    assert.deepEqual(closed, { kind: "closed", code: "exited", reason: "ended with status 3" });
    assert.equal(upstreams.status()[0]?.lines, 0);
  });
});
