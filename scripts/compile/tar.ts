import { contentOf, type Entry } from "./files.ts";

const BLOCK = 512;
const NAME_BYTES = 100;
const encoder = new TextEncoder();

/**
 * A POSIX archive (ustar) of the entries. Owner and times are zero, so that the same content gives the
 * same bytes; whoever unpacks it owns it.
 */
export async function* writeTar(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    const content = entry.kind === "file" ? await contentOf(entry) : new Uint8Array();
    yield header(entry, content.length);
    yield content;
    yield new Uint8Array((BLOCK - content.length % BLOCK) % BLOCK);
  }
  yield new Uint8Array(2 * BLOCK);
}

const TYPES = { file: "0", link: "2", folder: "5" } as const;

function header(entry: Entry, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(encoder.encode(text), at);
  const number = (at: number, length: number, value: number) =>
    put(at, value.toString(8).padStart(length - 1, "0"));
  const { prefix, name } = splitName(entry.path);
  put(0, name);
  number(100, 8, modeOf(entry));
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, size);
  number(136, 12, 0);
  put(148, " ".repeat(8));
  put(156, TYPES[entry.kind]);
  if (entry.kind === "link") put(157, checkLength(entry.target));
  put(257, "ustar\0" + "00");
  put(345, prefix);
  put(148, block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return block;
}

function modeOf(entry: Entry): number {
  if (entry.kind === "link") return 0o777;
  return entry.kind === "folder" || entry.executable ? 0o755 : 0o644;
}

/** A longer path is cut at a slash in two. */
function splitName(path: string): { prefix: string; name: string } {
  if (encoder.encode(path).length <= NAME_BYTES) return { prefix: "", name: path };
  const at = path.indexOf("/", path.length - NAME_BYTES - 1);
  if (at < 0 || at > 154) throw new Error(`"${path}" is too long for the archive`);
  return { prefix: path.slice(0, at), name: checkLength(path.slice(at + 1)) };
}

function checkLength(name: string): string {
  if (encoder.encode(name).length <= NAME_BYTES) return name;
  throw new Error(`"${name}" is too long for the archive`);
}
