import { resolve } from "node:path";
import { AppError, messageOf } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";

/** The text of `file`, or of standard input for `-` and for no file at all. */
export async function readInput(context: CliContext, file: string | undefined): Promise<string> {
  if (file !== undefined && file !== "-") {
    return await Deno.readTextFile(resolve(context.cwd, file)).catch((cause) => {
      throw new AppError("not_found", `Cannot read "${file}": ${messageOf(cause)}`, { cause });
    });
  }
  if (file === undefined && context.terminal) {
    throw new AppError("usage", "Expected a file, or input on standard input", {
      hint: 'Name a file, or "-" to type the input and end it with Ctrl-D.',
    });
  }
  return await context.readStdin();
}

/** The text as JSON. Throws `invalid` with line and column of what is wrong, and none of the text. */
export function parseJsonInput(text: string, file: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(messageOf(error))?.[1];
    const before = text.slice(0, Number(at ?? 0)).split("\n");
    const place = at === undefined ? "" : `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    const name = file === undefined || file === "-" ? "standard input" : file;
    throw new AppError("invalid", `${name}${place} is not valid JSON`);
  }
}
