/** What a child may send, and what ends its line: each with its code and reason. */
import assert from "node:assert/strict";
import type { LineCommand, LineEvent } from "../../src/egress/mod.ts";
import { until } from "../support/processes.ts";
import { childServer, type TestLine, withUpstreams } from "../support/upstream_world.ts";

type Misbehave = (line: TestLine) => void;

/** Does something to a line and expects it to end so, with the service and other lines unharmed. */
async function assertEnds(misbehave: Misbehave, code: string, reason: RegExp): Promise<void> {
  const servers = [childServer("bad", { output_limit_bytes: 100_000 }), childServer("good")];
  await withUpstreams({ servers }, async ({ upstreams, open }) => {
    const [bad, good] = await Promise.all([open("bad"), open("good")]);
    assert.deepEqual(await bad.ask("echo", [1]), [1]);
    misbehave(bad);
    const closed = await bad.closed;
    assert.equal(closed.code, code, closed.reason);
    assert.match(closed.reason, reason);
    assert.deepEqual(await good.ask("echo", [2]), [2]);
    const status = upstreams.status().find(({ server }) => server === "bad");
    assert.equal(status?.lastFailure?.code, code);
    // It had worked: whoever comes next is not made to wait.
    assert.deepEqual(await (await open("bad")).ask("echo", [3]), [3]);
  });
}

const text = (line: TestLine, written: string): void => line.tell("text", { text: written });

const CASES: readonly (readonly [string, Misbehave, string, RegExp])[] = [
  [
    "a line that is no JSON",
    (line) => text(line, "Listening on port 3000\n"),
    "garbage",
    /no JSON/,
  ],
  ["JSON that is no message", (line) => text(line, '{"level":"info"}\n'), "garbage", /JSON-RPC/],
  ["a batch", (line) => text(line, '[{"jsonrpc":"2.0","method":"x"}]\n'), "garbage", /JSON-RPC/],
  [
    "a message of too many levels",
    (line) =>
      text(
        line,
        `{"jsonrpc":"2.0","method":"x","params":${"[".repeat(5000)}${"]".repeat(5000)}}\n`,
      ),
    "garbage",
    /128 levels/,
  ],
  ["a text", (line) => text(line, '"hello"\n'), "garbage", /JSON-RPC/],
  ["NUL", (line) => line.tell("bytes", { bytes: [0, 10] }), "garbage", /no JSON/],
  [
    "bytes that are no UTF-8",
    (line) => line.tell("bytes", { bytes: [34, 255, 34, 10] }),
    "garbage",
    /UTF-8/,
  ],
  [
    "a byte order mark",
    (line) => text(line, '\ufeff{"jsonrpc":"2.0","method":"x"}\n'),
    "garbage",
    /no JSON/,
  ],
  [
    "a message beyond the limit",
    (line) => line.tell("large", { bytes: 200_000 }),
    "limit",
    /100000 bytes/,
  ],
  ["a line without end", (line) => line.tell("endless"), "limit", /100000 bytes/],
  ["a flood of notifications", (line) => line.tell("flood"), "limit", /nobody asked for/],
  ["an exit within a call", (line) => line.tell("exit", { code: 0 }), "exited", /status 0/],
  [
    "half a message at its end",
    (line) => {
      text(line, '{"jsonrpc":"2.0","meth');
      line.tell("exit", { code: 0 });
    },
    "garbage",
    /within a message, after 22 bytes/,
  ],
];

for (const [name, misbehave, code, reason] of CASES) {
  Deno.test(`${name} ends the line as ${code}`, () => assertEnds(misbehave, code, reason));
}

Deno.test("empty lines, blanks around a message and messages cut anywhere are read", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ open }) => {
    const line = await open("a");
    text(line, '\n\n  {"jsonrpc":"2.0","id":"x","re');
    text(line, 'sult":1} \r\n\r\n');
    await line.ask("echo");
    const [first] = line.events;
    assert.deepEqual(first, {
      kind: "message",
      message: { jsonrpc: "2.0", id: "x", result: 1 },
      bytes: 42,
      redacted: [],
    });
  });
});

Deno.test("10 MB come through in one message", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ open }) => {
    const line = await open("a");
    const { message, bytes } = await line.askFor("large", { bytes: 10_000_000 });
    assert.equal((message as { result: string }).result.length, 10_000_000);
    assert.ok(bytes > 10_000_000);
  });
});

Deno.test("notifications in numbers that a server may send come through, all of them", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ open }) => {
    const line = await open("a");
    await line.ask("notify", { count: 1500 });
    assert.equal(line.events.length, 1501);
  });
});

Deno.test("a child that does not read its input is ended before it fills our memory", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ open }) => {
    const line = await open("a");
    await line.ask("echo");
    line.tell("stuck");
    const large = { text: "x".repeat(8 * 1024 * 1024) };
    for (let sent = 0; sent < 12; sent++) line.tell("echo", large);
    const closed = await line.closed;
    assert.equal(closed.code, "limit");
    assert.match(closed.reason, /does not read/);
  });
});

Deno.test("a gateway that works nothing off gets no more than a window of it, and the rest later", async () => {
  await withUpstreams({ servers: [childServer("a")] }, async ({ upstreams }) => {
    const { port1, port2 } = new MessageChannel();
    let [messages, bytes] = [0, 0];
    port1.onmessage = ({ data }: MessageEvent<LineEvent>) => {
      if (data.kind !== "message") return;
      messages++;
      bytes += data.bytes;
    };
    const request = { server: "a", key: "k", token: undefined };
    await upstreams.methods("gateway-0").openLine(request, port2);
    const tell = (command: LineCommand): void => port1.postMessage(command);
    for (let id = 1; id <= 30; id++) {
      const message = { jsonrpc: "2.0", id, method: "large", params: { bytes: 1_000_000 } };
      tell({ kind: "message", message });
    }
    await until(() => bytes >= 4 * 1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(messages <= 6, `${messages} messages`);
    await until(() => {
      tell({ kind: "taken", bytes });
      bytes = 0;
      return messages === 30;
    });
    tell({ kind: "close" });
    port1.close();
  });
});
