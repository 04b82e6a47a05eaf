import { createHash, timingSafeEqual } from "node:crypto";
import { randomBytes } from "../kernel/ids.ts";

/**
 * A text that nobody can guess: 256 random bits after a prefix that scanners know. Codes, refresh tokens
 * and client secrets are such; only their hashes are kept.
 */
export function newSecretText(prefix: string): string {
  return `${prefix}_${randomBytes(32).toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** SHA-256 of such a text: slow hashing would protect nothing that has 256 random bits. */
export function hashText(text: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(text).digest());
}

/** Whether `text` hashes to `hash`, in a time that tells nothing. */
export function isHashOf(text: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashText(text), hash);
}
