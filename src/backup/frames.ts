import { AppError } from "../kernel/errors.ts";

/**
 * The contents of a backup, inside compression and sealing: one `manifest`, for each table a `table`, any number
 * of `rows` (a JSON array of objects) and an `end` with the number of rows, then one `done`.
 */
export type FrameKind = "manifest" | "table" | "rows" | "end" | "done";

export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
}

const LETTERS: Readonly<Record<FrameKind, string>> = {
  manifest: "M",
  table: "T",
  rows: "R",
  end: "E",
  done: "Z",
};
const KINDS = new Map(
  Object.entries(LETTERS).map(([kind, letter]) => [letter.charCodeAt(0), kind as FrameKind]),
);
const HEAD_BYTES = 5;
const MAX_BYTES = 1024 * 1024 * 1024;

/** Kind, length, content. */
export function encodeFrame(kind: FrameKind, content: Uint8Array | object): Uint8Array {
  const body = content instanceof Uint8Array
    ? content
    : new TextEncoder().encode(JSON.stringify(content));
  const bytes = new Uint8Array(HEAD_BYTES + body.length);
  bytes[0] = LETTERS[kind].charCodeAt(0);
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

/** The frames of a content. Throws `invalid` where it is none. */
export async function* decodeFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest = new Uint8Array();
  for await (const piece of source) {
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    let at = 0;
    for (let frame = frameAt(bytes, at); frame; frame = frameAt(bytes, at)) {
      yield frame;
      at += HEAD_BYTES + frame.bytes.length;
    }
    rest = bytes.slice(at);
  }
  if (rest.length > 0) throw new AppError("invalid", "It ends within a record");
}

function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  if (bytes.length - at < HEAD_BYTES) return undefined;
  const kind = KINDS.get(bytes[at] ?? 0);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 1);
  if (!kind || length > MAX_BYTES) {
    throw new AppError("invalid", "It holds a record of no known kind");
  }
  const from = at + HEAD_BYTES;
  return bytes.length < from + length
    ? undefined
    : { kind, bytes: bytes.subarray(from, from + length) };
}

/** The object in a frame. */
export function objectOf<T>({ bytes }: Frame): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
