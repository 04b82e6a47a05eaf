import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";
import { toHex } from "../kernel/ids.ts";
import { SecretBytes } from "./secret_bytes.ts";

/** What a derived key is for: one key never serves two purposes. */
export type KeyPurpose = "token" | "issuer" | "seal" | "fingerprint" | "vault" | "oauth";

/** Bytes of the master key. */
export const MASTER_KEY_BYTES = 32;

/** The key of `purpose`: HKDF-SHA256 of the master key. The same for the same master key, always. */
export function deriveKey(master: SecretBytes, purpose: KeyPurpose, bytes = 32): SecretBytes {
  const salt = new TextEncoder().encode("spgov");
  const info = new TextEncoder().encode(`spgov/${purpose}/v1`);
  return new SecretBytes(new Uint8Array(hkdfSync("sha256", master.reveal(), salt, info, bytes)));
}

/** The key of the one backup that carries `salt`, 32 bytes: whoever has it can open no other. */
export function backupKeyOf(master: SecretBytes, salt: Uint8Array): SecretBytes {
  const info = new TextEncoder().encode("spgov/backup/v1");
  return new SecretBytes(new Uint8Array(hkdfSync("sha256", master.reveal(), salt, info, 32)));
}

/**
 * The `iss` of tokens: names the master key without telling anything of it, so that replicas which share
 * the key accept each other's tokens and nobody else's.
 */
export function issuerOf(master: SecretBytes): string {
  return `spgov:${toHex(deriveKey(master, "issuer", 8).reveal())}`;
}

const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/** A master key written as 32 raw bytes or as their base64 text; undefined when it is neither. */
export function parseMasterKey(content: Uint8Array): SecretBytes | undefined {
  if (content.length === MASTER_KEY_BYTES) return new SecretBytes(Uint8Array.from(content));
  return content.length > 64 ? undefined : parseMasterKeyText(new TextDecoder().decode(content));
}

/** A master key written as base64 text; undefined when it is none. */
export function parseMasterKeyText(text: string): SecretBytes | undefined {
  if (!BASE64.test(text.trim())) return undefined;
  return new SecretBytes(Uint8Array.from(Buffer.from(text.trim(), "base64")));
}

/** How a master key stands in a file or a variable: base64. */
export function formatMasterKey(master: SecretBytes): string {
  return Buffer.from(master.reveal()).toString("base64");
}
