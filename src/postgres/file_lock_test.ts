import assert from "node:assert/strict";
import { lockFile, tryLockFile } from "./file_lock.ts";

async function withPath(work: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await work(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("an exclusive lock keeps everybody out, shared ones keep exclusive ones out", async () => {
  await withPath(async (path) => {
    const alone = await tryLockFile(path, { exclusive: true });
    assert.ok(alone);
    assert.equal(await tryLockFile(path, { exclusive: true }), undefined);
    assert.equal(await tryLockFile(path, { exclusive: false }), undefined);
    alone.release();
    const one = await tryLockFile(path, { exclusive: false });
    const two = await tryLockFile(path, { exclusive: false });
    assert.ok(one && two);
    one.release();
    assert.equal(await tryLockFile(path, { exclusive: true }), undefined);
    two.release();
    const again = await tryLockFile(path, { exclusive: true });
    assert.ok(again);
    again.release();
  });
});

Deno.test("waiting for a lock ends when it is released, or with the time", async () => {
  await withPath(async (path) => {
    const first = await tryLockFile(path, { exclusive: true });
    assert.equal(await lockFile(path, { exclusive: true, timeoutMs: 50 }), undefined);
    const waiting = lockFile(path, { exclusive: true, timeoutMs: 60_000 });
    first?.release();
    const second = await waiting;
    assert.ok(second);
    second.release();
  });
});

Deno.test("a released lock is free at once, also while children are being spawned", async () => {
  await withPath(async (path) => {
    let done = false;
    async function spawnChildren(): Promise<void> {
      while (!done) await new Deno.Command("true").output();
    }
    const spawning = spawnChildren();
    let refused = 0;
    for (let n = 0; n < 5000; n++) {
      const lock = await tryLockFile(path, { exclusive: true });
      if (lock === undefined) refused++;
      lock?.release();
    }
    done = true;
    await spawning;
    assert.equal(refused, 0);
  });
});
