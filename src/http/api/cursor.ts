import { hash } from "node:crypto";
import type * as z from "zod";
import { AppError } from "../../kernel/errors.ts";

/**
 * A cursor is a position and the list that it belongs to. It opens nothing: whoever makes one up only begins
 * to read elsewhere in what it may read anyway.
 */
export function writeCursor(list: string, key: unknown): string {
  const text = JSON.stringify([list, key]);
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The position in a cursor of this list. Throws `invalid`. */
export function readCursor<Key>(list: string, schema: z.ZodType<Key>, cursor: string): Key {
  const parsed = decode(cursor);
  if (!Array.isArray(parsed) || parsed.length !== 2) throw invalid("it is none");
  if (parsed[0] !== list) throw invalid("it belongs to a list with other filters");
  const key = schema.safeParse(parsed[1]);
  if (!key.success) throw invalid("it is none");
  return key.data;
}

/** Names a list by its path and filters, so that a cursor of another is refused. */
export function listName(path: string, filters: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined).sort();
  return hash("sha256", JSON.stringify([path, given]), "hex").slice(0, 16);
}

function decode(cursor: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function invalid(why: string): AppError {
  return new AppError("invalid", `Cannot continue at this cursor: ${why}`, {
    details: { errors: [{ in: "query", path: "cursor", message: `Not a cursor here: ${why}` }] },
  });
}
