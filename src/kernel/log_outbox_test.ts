import assert from "node:assert/strict";
import { createIsolateLog } from "./log_isolate.ts";
import type { LogBatch, LogReply } from "./log_outbox.ts";

/** The other side of an outbox, which takes batches over when it is told to. */
function receiver(): {
  readonly port: MessagePort;
  readonly batches: LogBatch[];
  take(): void;
  say(reply: LogReply): void;
  close(): void;
} {
  const { port1, port2 } = new MessageChannel();
  const batches: LogBatch[] = [];
  let taken = 0;
  port1.onmessage = ({ data }) => void batches.push(data);
  return {
    port: port2,
    batches,
    take: () => {
      for (; taken < batches.length; taken++) {
        port1.postMessage({ taken: batches[taken]?.number } as LogReply);
      }
    },
    say: (reply) => port1.postMessage(reply),
    close: () => port1.close(),
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !condition();) {
    assert.ok(Date.now() < end, "in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const messagesOf = (batches: readonly LogBatch[]): string[] =>
  batches.flatMap(({ text }) => text.trim().split("\n")).map((line) => JSON.parse(line).message);

Deno.test("what was not taken over is handed to the next one, in order", async () => {
  const { log, outbox } = createIsolateLog("gateway-0", { level: "info", modules: {} });
  const first = receiver();
  outbox.attach(first.port);
  log.warn("a");
  await until(() => first.batches.length === 1);
  first.take();
  log.info("b");
  log.warn("c");
  await until(() => first.batches.length >= 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  // It ends before it took b and c over.
  first.close();
  const second = receiver();
  outbox.attach(second.port);
  log.info("d");
  await until(() => messagesOf(second.batches).includes("d"));
  assert.deepEqual(messagesOf(second.batches), ["b", "c", "d"]);
  second.take();
  await outbox.flush();
  outbox.close();
  second.close();
});

Deno.test("memory is bounded: what does not fit is dropped, counted, and said when there is room", async () => {
  const { log, outbox } = createIsolateLog("gateway-0", { level: "info", modules: {} });
  const other = receiver();
  outbox.attach(other.port);
  const text = "x".repeat(8000);
  for (let i = 0; i < 2000; i++) log.info(text);
  await until(() => messagesOf(other.batches).length > 400);
  other.take();
  await until(() => messagesOf(other.batches).some((message) => message.startsWith("Lines were")));
  const last = JSON.parse(other.batches.at(-1)?.text ?? "");
  const kept = messagesOf(other.batches).filter((message) => message === text).length;
  assert.ok(kept < 600, `${kept} lines were kept of 2,000`);
  assert.equal(last.fields.count, 2000 - kept);
  outbox.close();
  other.close();
});

Deno.test("levels that are said hold at once", async () => {
  const { log, outbox } = createIsolateLog("gateway-0", { level: "info", modules: {} });
  const other = receiver();
  outbox.attach(other.port);
  assert.ok(!log.of("mcp").isOn("debug"));
  other.say({ levels: { level: "error", modules: { mcp: "debug" } } });
  await until(() => log.of("mcp").isOn("debug"));
  assert.ok(!log.isOn("warn"));
  outbox.close();
  other.close();
});
