import { AppError } from "../kernel/errors.ts";
import type { SecretBytes } from "./secret_bytes.ts";

/**
 * Long contents in chunks of 64 KiB, each sealed with ChaCha20-Poly1305 under the number of the chunk and
 * whether it is the last one: none can be changed, left out, repeated, moved or cut off unnoticed. A key seals
 * one content only.
 */
export const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const MAX_CHUNKS = 2 ** 32;

/** The sealed chunks of `plain`. They open only with the same key and the same `bound` data. */
export async function* sealChunks(
  key: SecretBytes,
  plain: AsyncIterable<Uint8Array>,
  bound: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const cipher = await loadCipher();
  for await (const { bytes, index, isLast } of blocksOf(plain, CHUNK_BYTES)) {
    yield cipher(key.reveal(), nonceOf(index, isLast), bound).encrypt(bytes);
  }
}

/**
 * What `sealChunks` sealed; each piece is given out after it was found whole. Throws `invalid` at the first
 * that is not, and when the end is missing: only what came to its end may be relied on.
 */
export async function* openChunks(
  key: SecretBytes,
  sealed: AsyncIterable<Uint8Array>,
  bound: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const cipher = await loadCipher();
  const open = (bytes: Uint8Array, index: number, isLast: boolean): Uint8Array | undefined => {
    try {
      return cipher(key.reveal(), nonceOf(index, isLast), bound).decrypt(bytes);
    } catch {
      // A wrong tag, or too short to have one.
      return undefined;
    }
  };
  for await (const { bytes, index, isLast } of blocksOf(sealed, CHUNK_BYTES + TAG_BYTES)) {
    const plain = open(bytes, index, isLast);
    if (plain) {
      yield plain;
      continue;
    }
    // Whole, but meant to be followed by more.
    const isCut = isLast && (bytes.length < TAG_BYTES || open(bytes, index, false) !== undefined);
    throw new AppError(
      "invalid",
      isCut ? "It was cut short" : `It was changed or cut short near byte ${index * CHUNK_BYTES}`,
    );
  }
}

interface Block {
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly isLast: boolean;
}

/** Blocks of `size` bytes; the last one is shorter or as long, and empty only where there is nothing at all. */
async function* blocksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Block> {
  let block = new Uint8Array(size);
  let [filled, index] = [0, 0];
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      if (filled === size) {
        yield { bytes: block, index: index++, isLast: false };
        block = new Uint8Array(size);
        filled = 0;
      }
      const part = piece.subarray(at, at + size - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  yield { bytes: block.subarray(0, filled), index, isLast: true };
}

/** 7 zero bytes, the number of the chunk in 4, and 1 for the last one. */
function nonceOf(index: number, isLast: boolean): Uint8Array {
  if (index >= MAX_CHUNKS) throw new AppError("too_large", "Cannot seal more than 256 TiB");
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

async function loadCipher() {
  const { chacha20poly1305 } = await import("@noble/ciphers/chacha.js");
  return chacha20poly1305;
}
