import { AppError } from "../../kernel/errors.ts";

/** Bytes that a file of people may have: a million of them have about 100 MB. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** The text of a file in UTF-8, without a byte order mark. Throws `invalid` that names the encoding or the line. */
export function decodeFile(bytes: Uint8Array): string {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new AppError(
      "too_large",
      `Cannot read more than ${MAX_FILE_BYTES / 1024 ** 2} MB at once`,
    );
  }
  const encoding = foreignEncoding(bytes);
  if (encoding) throw notUtf8(`it is ${encoding}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(`line ${lineOfFirstError(bytes)} holds bytes that are none`);
  }
}

function foreignEncoding(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "UTF-32" : "UTF-16";
  if (a === 0xfe && b === 0xff) return "UTF-16";
  // Latin text of two bytes each, without a mark: every other byte is zero.
  return bytes.subarray(0, 1024).includes(0) ? "UTF-16 or no text" : undefined;
}

/** Decodes line by line: a line end is one byte whatever the encoding is. */
function lineOfFirstError(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(start, next));
    } catch {
      return line;
    }
    start = next;
  }
  return line;
}

function notUtf8(why: string): AppError {
  return new AppError("invalid", `Cannot read the file as UTF-8: ${why}`, {
    hint: "Save it as UTF-8 (in a spreadsheet: CSV UTF-8).",
  });
}
