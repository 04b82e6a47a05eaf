import { Buffer } from "node:buffer";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { AppError } from "../kernel/errors.ts";

/** DER in front of a raw Ed25519 seed (RFC 8410, PKCS #8) and of a raw public key (SPKI). */
const PKCS8 = Uint8Array.fromHex("302e020100300506032b657004220420");
const SPKI = Uint8Array.fromHex("302a300506032b6570032100");
const KEY_BYTES = 32;

/** Signs seals and statements. Lives in the isolate that holds keys, and in the operator's command line. */
export interface SigningKey {
  /** First 16 hexadecimal digits of SHA-256 over the raw public key. */
  readonly keyId: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature over the UTF-8 bytes of `text`, 64 bytes. */
  sign(text: string): Uint8Array;
}

/** The signing key of a 32-byte Ed25519 seed; throws `invalid` for any other length. */
export function createSigningKey(seed: Uint8Array): SigningKey {
  if (seed.length !== KEY_BYTES) {
    throw new AppError(
      "invalid",
      `Cannot use a seal key of ${seed.length} bytes: it needs ${KEY_BYTES}`,
    );
  }
  const der = Buffer.concat([PKCS8, seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  const spki = createPublicKey(key as never).export({ format: "der", type: "spki" });
  const publicKey = Uint8Array.from(spki.subarray(SPKI.length));
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (text) => Uint8Array.from(sign(null, Buffer.from(text), key)),
  };
}

/** What operators pin: the first 16 hexadecimal digits of SHA-256 over the raw public key. */
export function keyIdOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex").slice(0, 16);
}

/** Public keys by key id. */
export interface Keyring {
  readonly ids: readonly string[];
  add(publicKey: Uint8Array): void;
  publicKey(keyId: string): Uint8Array | undefined;
  /** `unknown`: no public key with that id is at hand. */
  check(keyId: string, text: string, signature: Uint8Array): "good" | "bad" | "unknown";
}

export function createKeyring(publicKeys: Iterable<Uint8Array> = []): Keyring {
  const keys = new Map<string, { readonly raw: Uint8Array; readonly key: KeyObject }>();
  const add = (raw: Uint8Array): void => {
    const id = keyIdOf(raw);
    if (raw.length === KEY_BYTES && !keys.has(id)) keys.set(id, { raw, key: toKeyObject(raw) });
  };
  for (const key of publicKeys) add(key);
  return {
    get ids() {
      return [...keys.keys()];
    },
    add,
    publicKey: (keyId) => keys.get(keyId)?.raw,
    check(keyId, text, signature) {
      const found = keys.get(keyId);
      if (!found) return "unknown";
      return verify(null, Buffer.from(text), found.key, signature) ? "good" : "bad";
    },
  };
}

function toKeyObject(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
}

/** A decision of the operator that the chain alone cannot vouch for, signed by the seal key. */
export interface Statement {
  readonly subject: "retention" | "fork";
  readonly body: Readonly<Record<string, unknown>>;
  readonly key_id: string;
  /** Base64. */
  readonly public_key: string;
  /** Base64 of the signature over `spgov-statement\n<subject>\n<canonical JSON of body>\n`. */
  readonly signature: string;
}

export function signStatement(
  key: SigningKey,
  subject: Statement["subject"],
  body: Statement["body"],
): Statement {
  return {
    subject,
    body,
    key_id: key.keyId,
    public_key: key.publicKey.toBase64(),
    signature: key.sign(statementText(subject, body)).toBase64(),
  };
}

/** Whether `value` is a statement about `subject` that a key of `keyring` signed. */
export function isSigned(
  value: unknown,
  subject: Statement["subject"],
  keyring: Keyring,
): value is Statement {
  const { body, key_id, signature, ...rest } = (value ?? {}) as Partial<Statement>;
  if (rest.subject !== subject || typeof body !== "object" || body === null) return false;
  if (typeof key_id !== "string" || typeof signature !== "string") return false;
  const bytes = fromBase64(signature);
  return bytes !== undefined &&
    keyring.check(key_id, statementText(subject, body), bytes) === "good";
}

function statementText(subject: string, body: unknown): string {
  return `spgov-statement\n${subject}\n${canonicalJson(body)}\n`;
}

/** Bytes of base64 text; undefined when it is none. */
export function fromBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
