import assert from "node:assert/strict";
import { createLog, type LogLevels } from "./log.ts";

const IDS = {
  userId: "ada",
  sessionId: "s-1",
  taskId: "t-1",
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  contextId: "c-1",
  clientId: "cli",
};

function capture(levels: LogLevels = { level: "debug", modules: {} }) {
  const lines: string[] = [];
  const log = createLog({
    module: "gateway",
    isolate: "gateway-0",
    level: () => levels,
    write: (line) => void lines.push(line),
  });
  return { log, lines };
}

Deno.test("a line carries the six identifiers of its call, and says `none` where it has no call", () => {
  const { log, lines } = capture();
  log.info("Started", { port: 1 });
  log.of("mcp").about(IDS).warn("An upstream failed");
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(first), [
    ...["ts", "level", "isolate", "module", "message", "user_id", "session_id", "task_id"],
    ...["trace_id", "context_id", "client_id", "fields"],
  ]);
  assert.equal(first.user_id, "none");
  assert.deepEqual(first.fields, { port: 1 });
  assert.equal(second.module, "mcp");
  assert.equal(second.isolate, "gateway-0");
  assert.equal(second.user_id, "ada");
  assert.equal(second.trace_id, IDS.traceId);
});

Deno.test("levels are those of the module, else of the isolate, else of all, as they are at the moment", () => {
  const levels = { level: "warn", modules: { mcp: "debug" } } as {
    level: "warn" | "debug";
    modules: Record<string, "debug" | "error">;
  };
  const { log, lines } = capture(levels);
  log.info("dropped");
  log.of("mcp").debug("kept");
  assert.ok(!log.isOn("info") && log.of("mcp").isOn("debug"));
  levels.modules["gateway-0"] = "error";
  log.warn("dropped, too");
  levels.modules = {};
  levels.level = "debug";
  log.debug("kept again");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["kept", "kept again"]);
});

Deno.test("nothing in a message or a field begins a line of its own, moves the cursor or takes a member's place", () => {
  const { log, lines } = capture();
  const evil = 'x\n{"level":"info","message":"forged"}\r\u001b[2J\u009b31m\u2028\u202e\u0000\u007f';
  log.info(evil, { level: "error", ts: "never", message: evil, [evil]: evil });
  log.about({ ...IDS, userId: evil }).info("y");
  for (const line of lines) {
    assert.equal(line.split("\n").length, 2, "one line");
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
  }
  const [first] = lines.map((line) => JSON.parse(line));
  assert.equal(first.level, "info");
  assert.notEqual(first.ts, "never");
  assert.equal(first.message, evil);
  assert.equal(first.fields.message, evil);
});

Deno.test("what cannot be written as JSON, or is too long, is still one line", () => {
  const { log, lines } = capture();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  log.info("loop", loop);
  log.info("big", { big: 1n });
  log.info("m".repeat(100_000), { text: "f".repeat(1_000_000) });
  log.info("half \ud800 a pair", { half: "\udc00" });
  assert.equal(lines.length, 4);
  assert.match(JSON.parse(lines[0] ?? "").fields.unprintable, /circular/i);
  assert.ok((lines[2]?.length ?? 0) < 20_000);
  assert.equal(JSON.parse(lines[2] ?? "").fields.characters, 1_000_011);
});
