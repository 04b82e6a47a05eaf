import { AppError } from "../../../kernel/errors.ts";
import { isRedactable, SecretBytes } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { FileFlag } from "./flags.ts";

/** The value of a secret: from the file, the prompt, or standard input; without one line end at its end. */
export async function readValue(
  context: CliContext,
  name: string,
  { fromFile }: FileFlag,
): Promise<SecretBytes> {
  const bytes = await readBytes(context, `Value of ${name} (not shown): `, fromFile);
  context.defer(() => void bytes.fill(0));
  const value = new SecretBytes(bytes.subarray(0, lengthWithoutLineEnd(bytes)));
  if (value.reveal().length > 0 && !isRedactable(value)) {
    context.out.warn("The value is so short that it is not recognised in what servers answer");
  }
  return value;
}

/** What a file holds, what was typed at the prompt, or what came on standard input. */
export async function readBytes(
  { terminal, readStdinBytes }: Pick<CliContext, "terminal" | "readStdinBytes">,
  question: string,
  path: string | undefined,
): Promise<Uint8Array> {
  if (path !== undefined) return await readFile(path);
  if (!terminal) return await readStdinBytes();
  const typed = await terminal.askHidden(question);
  if (typed) return typed;
  throw new AppError("conflict", "Cancelled: nothing was changed");
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const code = cause instanceof Deno.errors.NotFound ? "not_found" : "invalid";
    throw new AppError(code, `Cannot read the file ${JSON.stringify(path)}`, { cause });
  }
}

function lengthWithoutLineEnd(bytes: Uint8Array): number {
  if (bytes.at(-1) !== 0x0a) return bytes.length;
  return bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
}
