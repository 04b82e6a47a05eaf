import { createHash, hkdfSync } from "node:crypto";
import * as z from "zod";
import { AppError } from "../kernel/errors.ts";
import { toHex } from "../kernel/ids.ts";
import type { SecretBytes } from "../vault/mod.ts";

/** First line of every backup. */
const MAGIC = "spgov-backup 1\n";
export const SALT_BYTES = 32;
/** Magic and header line together. */
const MAX_BYTES = 4096;

const schema = z.strictObject({
  /** RFC 3339. */
  created_at: z.string(),
  /** Version of the program that made it. */
  program: z.string(),
  /** Base64 of 32 random bytes: the key of this backup is derived with them. */
  salt: z.base64(),
  /** Tells whether a key is the right one, and nothing else of it. */
  key_check: z.string(),
});

/** What stands readable at the beginning of a backup; every sealed chunk is bound to it. */
export type BackupHeader = z.output<typeof schema>;

/** The bytes that a file with this header begins with. */
export function headerBytes(header: BackupHeader): Uint8Array {
  return new TextEncoder().encode(`${MAGIC}${JSON.stringify(header)}\n`);
}

/** A header and where what follows it begins. Throws `invalid` when `start` is not the beginning of a backup. */
export function readHeader(
  start: Uint8Array,
): { readonly header: BackupHeader; readonly end: number } {
  const text = new TextDecoder().decode(start.subarray(0, MAX_BYTES));
  const end = text.indexOf("\n", MAGIC.length);
  if (!text.startsWith(MAGIC)) {
    const isNewer = /^spgov-backup \d+\n/.test(text);
    throw new AppError("invalid", isNewer ? "It is of a newer format" : "It is no backup of spgov");
  }
  if (end < 0) throw new AppError("invalid", "It was cut short");
  const parsed = schema.safeParse(parse(text.slice(MAGIC.length, end)));
  if (!parsed.success) throw new AppError("invalid", "Its header was changed");
  return { header: parsed.data, end: new TextEncoder().encode(text.slice(0, end + 1)).length };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the chunks behind a header are bound to. */
export function boundTo(header: Uint8Array): Uint8Array {
  return createHash("sha256").update(header).digest();
}

/** What `key_check` has to be for a key. */
export function keyCheckOf(key: SecretBytes): string {
  return toHex(new Uint8Array(hkdfSync("sha256", key.reveal(), "", "spgov/backup-check/v1", 8)));
}
