import assert from "node:assert/strict";
import { CHUNK_BYTES, openChunks, sealChunks } from "./chunk_cipher.ts";
import { SecretBytes } from "./secret_bytes.ts";

const KEY = new SecretBytes(new Uint8Array(32).fill(7));
const BOUND = new Uint8Array([1, 2, 3]);
const CHUNK = CHUNK_BYTES + 16;

async function* pieces(bytes: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts = await Array.fromAsync(source);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const sealed = (bytes: Uint8Array) => collect(sealChunks(KEY, pieces(bytes), BOUND));
const opened = (bytes: Uint8Array, key = KEY, bound = BOUND) =>
  collect(openChunks(key, pieces(bytes, 4099), bound));

function content(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 255);
}

Deno.test("contents of every length around a chunk's come back as they were", async () => {
  for (const length of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]) {
    assert.deepEqual(await opened(await sealed(content(length))), content(length), `${length}`);
  }
});

Deno.test("what was cut, anywhere, is refused", async () => {
  const whole = await sealed(content(3 * CHUNK_BYTES + 5));
  for (
    const length of [
      0,
      1,
      15,
      16,
      CHUNK - 1,
      CHUNK,
      CHUNK + 1,
      2 * CHUNK,
      3 * CHUNK,
      whole.length - 1,
    ]
  ) {
    await assert.rejects(opened(whole.slice(0, length)), /cut short/, `${length}`);
  }
});

Deno.test("chunks that were changed, swapped, repeated, left out or added are refused", async () => {
  const whole = await sealed(content(3 * CHUNK_BYTES + 5));
  const chunk = (n: number) => whole.slice(n * CHUNK, (n + 1) * CHUNK);
  const join = (...parts: Uint8Array[]) =>
    collect((async function* () {
      yield* parts;
    })());
  const flipped = Uint8Array.from(whole);
  flipped[CHUNK + 9] = 255 - (flipped[CHUNK + 9] ?? 0);
  const wrong = [
    flipped,
    await join(chunk(1), chunk(0), chunk(2), chunk(3)),
    await join(chunk(0), chunk(0), chunk(1), chunk(2), chunk(3)),
    await join(chunk(0), chunk(2), chunk(3)),
    await join(whole, new Uint8Array(1)),
    await join(whole, chunk(3)),
  ];
  for (const bytes of wrong) await assert.rejects(opened(bytes), /changed|cut short/);
});

Deno.test("another key or other bound data open nothing", async () => {
  const bytes = await sealed(content(10));
  await assert.rejects(opened(bytes, new SecretBytes(new Uint8Array(32).fill(8))), /changed/);
  await assert.rejects(opened(bytes, KEY, new Uint8Array([1, 2])), /changed/);
});
