import assert from "node:assert/strict";
import { MessageMeter } from "./message_meter.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("an answer is one message", () => {
  const meter = new MessageMeter(10, false);
  meter.count(bytes("12345\n\n"));
  assert.throws(() => meter.count(bytes("67890")), { code: "limit" });
});

Deno.test("events of a stream are counted each for itself, wherever it is cut", () => {
  for (const end of ["\n", "\r\n"]) {
    for (const size of [1, 2, 3, 1000]) {
      const meter = new MessageMeter(40, true);
      const stream = bytes(`id: 1${end}data: 1234567890${end}${end}`.repeat(20));
      for (let at = 0; at < stream.length; at += size) meter.count(stream.slice(at, at + size));
      assert.throws(() => meter.count(bytes("data: ".padEnd(41, "x"))), { code: "limit" });
    }
  }
});

Deno.test("lines of one event count together", () => {
  const meter = new MessageMeter(40, true);
  meter.count(bytes("data: 1234567890\n"));
  meter.count(bytes("data: 1234567890\n"));
  assert.throws(() => meter.count(bytes("data: 1234567890\n")), { code: "limit" });
});
