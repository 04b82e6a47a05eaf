import assert from "node:assert/strict";
import { whileAdmitted } from "./admitted_stream.ts";

function events(): { readonly response: Response; readonly cancelled: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel: () => resolve(),
  });
  const headers = { "content-type": "text/event-stream", "mcp-session-id": "x" };
  return { response: new Response(body, { status: 200, headers }), cancelled: promise };
}

Deno.test("a stream ends when its reader would not be let in any more", async () => {
  const { response, cancelled } = events();
  let looks = 0;
  const kept = whileAdmitted(response, () => Promise.resolve(++looks < 3), 1);
  assert.equal(kept.headers.get("mcp-session-id"), "x");
  assert.equal(await kept.text(), "data: 1\n\n");
  await cancelled;
  assert.equal(looks, 3);
});

Deno.test("a reader that goes away ends the stream behind it", async () => {
  const { response, cancelled } = events();
  await whileAdmitted(response, () => Promise.resolve(true), 1).body?.cancel();
  await cancelled;
});

Deno.test("what is no stream is left as it is", () => {
  const response = Response.json({});
  assert.equal(whileAdmitted(response, () => Promise.resolve(false), 1), response);
});
