import assert from "node:assert/strict";
import { readEvents } from "./sse.ts";

Deno.test("readEvents() finds the same events however the stream is cut", async () => {
  const text =
    ': hello\n\nid: 1\ndata: {"a":1}\n\nevent: message\r\ndata: two\r\ndata: lines é\r\n\r\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    );
    const found = await Array.fromAsync(readEvents(ReadableStream.from(chunks)));
    assert.deepEqual(found, ['{"a":1}', "two\nlines é"], `${size} bytes at a time`);
  }
});
