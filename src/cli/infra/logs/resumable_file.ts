import { AppError } from "../../../kernel/errors.ts";

/** Puts whole lines behind what is written. */
export type Write = (text: string) => Promise<void> | void;

/** What is written, and how it is gone on with. `Position` is JSON. */
export interface Work<Position, Result> {
  /** Tells this work from others: what was begun with other flags is not gone on with. */
  readonly name: string;
  run(
    write: Write,
    from: Position | undefined,
    /** Called when all up to a position was written. */
    reached: (position: Position) => Promise<void>,
  ): Promise<Result>;
}

interface State<Position> {
  readonly work: string;
  readonly bytes: number;
  readonly position: Position;
}

const encoder = new TextEncoder();
const FLUSH_CHARACTERS = 256 * 1024;
/** How much may have to be written again. */
const SAVE_MS = 1000;

/**
 * Writes a file beside `path` and renames it at the end: a file that is there is whole. What was written when the
 * process ends early stays as `<path>.part` with `<path>.part.json`, which says how far it is, and `resume`
 * goes on with it.
 */
export async function writeResumable<Position, Result>(
  path: string,
  resume: boolean,
  work: Work<Position, Result>,
): Promise<Result> {
  const draft = `${path}.part`;
  const stateFile = `${draft}.json`;
  const state = resume ? await readState<Position>(stateFile, path, work.name) : undefined;
  using file = await openDraft(draft, path);
  let saved = state !== undefined;
  try {
    await file.truncate(state?.bytes ?? 0);
    await file.seek(0, Deno.SeekMode.End);
    if (!state) await remove(stateFile);
    const writer = createWriter(file, state?.bytes ?? 0);
    let last = performance.now();
    const result = await work.run(writer.write, state?.position, async (position) => {
      if (performance.now() - last < SAVE_MS) return;
      await writer.flush();
      await file.sync();
      await writeState(stateFile, { work: work.name, bytes: writer.bytes(), position });
      saved = true;
      last = performance.now();
    });
    await writer.flush();
    await file.sync();
    await Deno.rename(draft, path);
    await remove(stateFile);
    return result;
  } catch (error) {
    if (!saved) await remove(draft);
    throw error;
  }
}

interface Writer {
  readonly write: Write;
  flush(): Promise<void>;
  /** Bytes of the file, without what waits. */
  bytes(): number;
}

function createWriter(file: Deno.FsFile, from: number): Writer {
  let waiting = "";
  let size = from;
  const flush = async (): Promise<void> => {
    const bytes = encoder.encode(waiting);
    waiting = "";
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    size += bytes.length;
  };
  return {
    write: (text) => {
      waiting += text;
      return waiting.length >= FLUSH_CHARACTERS ? flush() : undefined;
    },
    flush,
    bytes: () => size,
  };
}

async function openDraft(draft: string, path: string): Promise<Deno.FsFile> {
  const options = { read: true, write: true, create: true, mode: 0o600 };
  const file = await Deno.open(draft, options).catch((cause) => {
    throw new AppError("invalid", `Cannot write "${path}"`, { cause });
  });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new AppError("conflict", `Another export is writing "${path}"`);
}

async function readState<Position>(
  file: string,
  path: string,
  work: string,
): Promise<State<Position>> {
  const text = await Deno.readTextFile(file).catch((cause) => {
    throw new AppError("not_found", `There is no export of "${path}" to go on with`, { cause });
  });
  const state = parse<Position>(text);
  if (!state) throw new AppError("invalid", `"${file}" is not whole`, { hint: "Start over." });
  if (state.work === work) return state;
  throw new AppError("invalid", `The export of "${path}" was begun with other flags`, {
    hint: "Give the same ones, or start over without --resume.",
  });
}

function parse<Position>(text: string): State<Position> | undefined {
  try {
    const state = JSON.parse(text) as Partial<State<Position>> | null;
    const isWhole = typeof state?.work === "string" && Number.isSafeInteger(state.bytes) &&
      (state.bytes ?? -1) >= 0 && state.position !== undefined;
    return isWhole ? state as State<Position> : undefined;
  } catch {
    return undefined;
  }
}

async function writeState<Position>(file: string, state: State<Position>): Promise<void> {
  await Deno.writeTextFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path).catch(() => undefined);
}
