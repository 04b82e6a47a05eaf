import { createSigningKey, type SigningKey } from "../../../audit/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { deriveKey, loadMasterKey } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";

/** The seal key of this home. Throws `not_found` when it has none. */
export async function loadSealKey({ home, env }: CliContext): Promise<SigningKey> {
  const { key } = await loadMasterKey({ home, env });
  return createSigningKey(deriveKey(key, "seal").reveal());
}

/** The public half of this home's seal key; undefined when there is none or it cannot be read here. */
export async function findPublicKey(context: CliContext): Promise<Uint8Array | undefined> {
  try {
    return (await loadSealKey(context)).publicKey;
  } catch (error) {
    context.log.debug("There is no seal key to verify with", { cause: String(error) });
    return undefined;
  }
}

/** What `--key` says: a key id to insist on, or a public key whose id is insisted on. */
export interface PinnedKey {
  readonly pin: string;
  readonly publicKey: Uint8Array | undefined;
}

const KEY_ID = /^[0-9a-f]{16}$/;
const SPKI_BYTES = 44;

/** Reads `--key`: 16 hexadecimal digits, or a file with an Ed25519 public key (PEM, base64, hexadecimal or raw). */
export async function readPin(
  text: string,
  keyIdOf: (publicKey: Uint8Array) => string,
): Promise<PinnedKey> {
  if (KEY_ID.test(text.toLowerCase())) return { pin: text.toLowerCase(), publicKey: undefined };
  const content = await Deno.readFile(text).catch((cause) => {
    throw new AppError("not_found", `Cannot read the key "${text}": no key id and no file`, {
      cause,
    });
  });
  const publicKey = parsePublicKey(content);
  if (publicKey) return { pin: keyIdOf(publicKey), publicKey };
  throw new AppError("invalid", `"${text}" holds no Ed25519 public key`, {
    hint: "Expected PEM, or 32 bytes as base64, hexadecimal or raw.",
  });
}

function parsePublicKey(content: Uint8Array): Uint8Array | undefined {
  if (content.length === 32) return content;
  const text = new TextDecoder().decode(content).replace(/-----[A-Z ]+-----/g, "").replace(
    /\s/g,
    "",
  );
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Uint8Array.fromHex(text) : fromBase64(text);
  if (bytes?.length === SPKI_BYTES) return bytes.slice(-32);
  return bytes?.length === 32 ? bytes : undefined;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, {
      alphabet: text.includes("_") || text.includes("-") ? "base64url" : "base64",
    });
  } catch {
    return undefined;
  }
}
