import { hash } from "node:crypto";
import { randomBytes } from "./ids.ts";

/** Bytes of an opaque value: nobody guesses it. */
const BYTES = 32;

/** A value that says nothing and that nobody guesses: 43 characters, base64url. */
export function newOpaque(): string {
  return randomBytes(BYTES).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether `text` has the form of an opaque value. */
export function isOpaque(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** What is stored of an opaque value: SHA-256. Whoever reads the database cannot use it. */
export function hashOpaque(value: string): Uint8Array {
  return Uint8Array.fromHex(hash("sha256", value, "hex"));
}
