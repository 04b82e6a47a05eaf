import { join } from "node:path";
import { canonicalJson } from "../kernel/canonical_json.ts";
import { AppError } from "../kernel/errors.ts";
import { fromRecord, type Seal, toRecord } from "./seal_format.ts";
import { fromBase64, type Statement } from "./signing.ts";

/**
 * Copies of the seals outside the database: a cut tail, a rewritten log and a restored backup show only
 * against these. One append-only file of JSON lines for each writer, synced line by line. A line is a seal
 * (with `public_key`, base64) or `{"fork": <statement>}`, after which the seals beyond its base no longer
 * count. A last line that a crash left half-written is ignored, and dropped at the next append.
 */
export interface Checkpoint {
  /** Adds a seal; returns once it is on the disk. */
  append(seal: Seal, publicKey: Uint8Array | undefined): Promise<void>;
  /** Adds the decision that the seals of `writer` beyond `base` no longer count. */
  appendFork(writer: string, fork: Statement, base: Seal | undefined): Promise<void>;
  /** The newest seal that counts; undefined when there is none. */
  newest(writer: string): Promise<Seal | undefined>;
  /** Everything in the file, in order. */
  read(writer: string): AsyncGenerator<CheckpointLine>;
  writers(): Promise<string[]>;
}

export type CheckpointLine =
  | { readonly kind: "seal"; readonly seal: Seal; readonly publicKey: Uint8Array | undefined }
  /** `base` is the number of the newest seal that still counts. */
  | { readonly kind: "fork"; readonly fork: unknown; readonly base: number }
  | { readonly kind: "damaged"; readonly line: number };

const SUFFIX = ".jsonl";

/** The copies in folder `dir`, which is made when the first seal comes. */
export function openCheckpoint(dir: string): Checkpoint {
  const newest = new Map<string, Seal | undefined>();
  const pathOf = (writer: string): string => join(dir, encodeURIComponent(writer) + SUFFIX);
  async function write(writer: string, line: unknown): Promise<void> {
    await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
    await appendLine(pathOf(writer), canonicalJson(line));
  }
  async function findNewest(writer: string): Promise<Seal | undefined> {
    const last = await lastLine(pathOf(writer));
    if (last?.kind === "seal") return last.seal;
    const seals: Seal[] = [];
    for await (const line of readLines(pathOf(writer))) {
      if (line.kind === "seal") seals.push(line.seal);
      if (line.kind === "fork") { while ((seals.at(-1)?.seal ?? 0) > line.base) seals.pop(); }
      if (seals.length > KEPT) seals.splice(0, seals.length - KEPT / 2);
    }
    return seals.at(-1);
  }
  return {
    async append(seal, publicKey) {
      await write(seal.writer, { ...toRecord(seal), public_key: publicKey?.toBase64() });
      newest.set(seal.writer, seal);
    },
    async appendFork(writer, fork, base) {
      await write(writer, { fork, base: base?.seal ?? 0 });
      newest.set(writer, base);
    },
    async newest(writer) {
      if (!newest.has(writer)) newest.set(writer, await findNewest(writer));
      return newest.get(writer);
    },
    read: (writer) => readLines(pathOf(writer)),
    writers: () => listWriters(dir),
  };
}

/** Seals kept in memory while looking for the newest; a fork goes back less far than this. */
const KEPT = 1 << 17;

async function listWriters(dir: string): Promise<string[]> {
  const writers: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) {
      if (name.endsWith(SUFFIX)) writers.push(decodeURIComponent(name.slice(0, -SUFFIX.length)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return writers.sort();
}

async function appendLine(path: string, line: string): Promise<void> {
  try {
    using file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
    const end = await endOfWholeLines(file);
    if (end < (await file.stat()).size) await file.truncate(end);
    await file.seek(end, Deno.SeekMode.Start);
    const bytes = new TextEncoder().encode(line + "\n");
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  } catch (cause) {
    throw new AppError("unavailable", `Cannot copy a seal to "${path}"`, { cause });
  }
}

/** Where the last complete line ends. */
async function endOfWholeLines(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  const block = new Uint8Array(4096);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block.length);
    await file.seek(start, Deno.SeekMode.Start);
    const count = await file.read(block.subarray(0, end - start)) ?? 0;
    const newline = block.subarray(0, count).lastIndexOf(10);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

const TAIL_BYTES = 65_536;

/** The last complete line; undefined when it is damaged or longer than the tail that is read. */
async function lastLine(path: string): Promise<CheckpointLine | undefined> {
  try {
    using file = await Deno.open(path);
    const end = await endOfWholeLines(file);
    const start = Math.max(0, end - TAIL_BYTES);
    await file.seek(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(end - start);
    let length = 0;
    for (let count: number | null = 1; length < bytes.length && count; length += count ?? 0) {
      count = await file.read(bytes.subarray(length));
    }
    return parseLine(new TextDecoder().decode(bytes).trimEnd().split("\n").at(-1) ?? "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function* readLines(path: string): AsyncGenerator<CheckpointLine> {
  let number = 0;
  for await (const { text, whole } of textLines(path)) {
    number++;
    const line = parseLine(text);
    if (line) yield line;
    else if (whole) yield { kind: "damaged", line: number };
  }
}

async function* textLines(path: string): AsyncGenerator<{ text: string; whole: boolean }> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  let rest = "";
  for await (const chunk of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, whole: true };
  }
  if (rest !== "") yield { text: rest, whole: false };
}

function parseLine(text: string): CheckpointLine | undefined {
  let value: { fork?: unknown; base?: unknown; public_key?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value?.fork !== undefined && typeof value.base === "number") {
    return { kind: "fork", fork: value.fork, base: value.base };
  }
  const seal = fromRecord(value);
  return seal && { kind: "seal", seal, publicKey: fromBase64(value?.public_key) };
}
