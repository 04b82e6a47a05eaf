import type { CipherWithOutput } from "@noble/ciphers/utils.js";
import { AppError } from "../kernel/errors.ts";
import { type RandomBytes, randomBytes } from "../kernel/ids.ts";
import { SecretBytes } from "./secret_bytes.ts";

/** Something sealed with ChaCha20-Poly1305 under a nonce of its own. */
export interface Sealed {
  /** 12 random bytes, never used twice. */
  readonly nonce: Uint8Array;
  /** Ciphertext and tag. */
  readonly text: Uint8Array;
}

const NONCE_BYTES = 12;
/** Plain texts are filled up to a multiple of this: the length of what is stored tells little of the value's. */
const BLOCK_BYTES = 64;
const END = 0x80;

/** Seals `plain`; it opens only with the same key and the same `bound` data. */
export async function seal(
  key: SecretBytes,
  plain: SecretBytes,
  bound: Uint8Array,
  random: RandomBytes = randomBytes,
): Promise<Sealed> {
  const nonce = random(NONCE_BYTES);
  const cipher = await makeCipher(key, nonce, bound);
  const padded = pad(plain.reveal());
  try {
    return { nonce, text: cipher.encrypt(padded) };
  } finally {
    padded.fill(0);
  }
}

/** Opens what `seal` made; undefined when key, nonce, text or bound data are not those of the sealing. */
export async function open(
  key: SecretBytes,
  { nonce, text }: Sealed,
  bound: Uint8Array,
): Promise<SecretBytes | undefined> {
  const padded = decrypt(await makeCipher(key, nonce, bound), text);
  if (!padded) return undefined;
  const end = padded.lastIndexOf(END);
  const plain = new SecretBytes(padded.slice(0, Math.max(end, 0)));
  padded.fill(0);
  return plain;
}

function decrypt(cipher: CipherWithOutput, text: Uint8Array): Uint8Array | undefined {
  try {
    return cipher.decrypt(text);
  } catch {
    // A wrong tag, or too short to have one: not what was sealed.
    return undefined;
  }
}

async function makeCipher(
  key: SecretBytes,
  nonce: Uint8Array,
  bound: Uint8Array,
): Promise<CipherWithOutput> {
  // Here, not at the top: the supervisor makes master keys through this folder and loads no package.
  const { chacha20poly1305 } = await import("@noble/ciphers/chacha.js");
  return chacha20poly1305(key.reveal(), nonce, bound);
}

/** The value, an end mark, then zeros up to the next whole block. */
function pad(plain: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((plain.length + 1) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(plain);
  padded[plain.length] = END;
  return padded;
}

/** Fields as one sequence of bytes, each with its length before it: no two lists give the same. */
export function bindFields(fields: readonly string[]): Uint8Array {
  const parts = fields.map((field) => new TextEncoder().encode(field));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** What to throw when something stored cannot be opened. `what` names it, e.g. `the secret "GITHUB_TOKEN"`. */
export function cannotOpen(what: string): AppError {
  return new AppError("invalid", `Cannot open ${what}: it is not what this master key sealed`, {
    hint: "It was changed in the database, or the master key is another one: restore either.",
  });
}
