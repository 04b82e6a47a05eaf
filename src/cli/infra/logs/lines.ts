import { AppError } from "../../../kernel/errors.ts";

/** A line longer than this is no line of ours. */
const MAX_LINE = 64 * 1024 * 1024;

/** The lines of a file, or of standard input for `-`, one at a time. Throws `not_found`, `too_large`. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const source = path === "-" ? Deno.stdin.readable : await openFile(path);
  let rest = "";
  for await (const chunk of source.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) {
      throw new AppError("too_large", `"${path}" has a line that is too long`);
    }
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function openFile(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    return (await Deno.open(path)).readable;
  } catch (cause) {
    throw new AppError("not_found", `Cannot read "${path}"`, { cause });
  }
}
