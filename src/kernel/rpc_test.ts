import assert from "node:assert/strict";
import { AppError } from "./errors.ts";
import { connect, serve } from "./rpc.ts";

interface Api {
  add(a: number, b: number): number;
  fail(): void;
}

function pair(): { remote: ReturnType<typeof connect<Api>>; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  serve<Api>(port1, {
    add: (a: number, b: number) => a + b,
    fail: () => {
      throw new AppError("denied", "No");
    },
  });
  const remote = connect<Api>(port2);
  port1.start();
  port2.start();
  return {
    remote,
    close: () => {
      port1.close();
      port2.close();
    },
  };
}

Deno.test("connect() calls what serve() offers and carries error codes", async () => {
  const { remote, close } = pair();
  assert.equal(await remote.remote.add(2, 3), 5);
  await assert.rejects(() => remote.remote.fail(), { code: "denied", message: "No" });
  close();
});

Deno.test("connect() cannot reach what is not offered, nor Object's own members", async () => {
  const { remote, close } = pair();
  const any = remote.remote as unknown as Record<string, () => Promise<unknown>>;
  await assert.rejects(() => any["toString"]?.() ?? Promise.resolve(), { code: "not_found" });
  await assert.rejects(() => any["constructor"]?.() ?? Promise.resolve(), { code: "not_found" });
  close();
});

Deno.test("abort() fails what is under way", async () => {
  const { port1, port2 } = new MessageChannel();
  const connection = connect<Api>(port2);
  const waiting = connection.remote.add(1, 2);
  connection.abort("gone");
  await assert.rejects(() => waiting, { code: "unavailable", message: "gone" });
  port1.close();
  port2.close();
});
