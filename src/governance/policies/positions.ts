/** One thing wrong with a policy or schema, at the place an editor can jump to. */
export interface PolicyProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What Cedar reports. Its offsets count bytes of UTF-8. */
export interface CedarError {
  readonly message: string;
  readonly help: string | null;
  readonly sourceLocations?: readonly { readonly start: number; readonly label: string | null }[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Turns an error that Cedar reports about `text` into a position in `file`. */
export function toProblem(file: string, text: string, error: CedarError): PolicyProblem {
  const [location] = error.sourceLocations ?? [];
  const parts = [error.message, location?.label, error.help].filter((part) => part);
  return problemAt(file, text, location?.start ?? 0, parts.join("; "));
}

/** A problem at a byte offset. */
export function problemAt(
  file: string,
  text: string,
  offset: number,
  message: string,
): PolicyProblem {
  const before = decoder.decode(encoder.encode(text).subarray(0, offset));
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  return { file, line, column, message };
}

/** The byte offset of a character index. */
export function byteOffset(text: string, index: number): number {
  return encoder.encode(text.slice(0, index)).length;
}
