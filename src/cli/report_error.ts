import { AppError, type ErrorCode, messageOf } from "../kernel/errors.ts";
import { databaseError } from "./database_error.ts";
import type { OutHandle } from "./output/out.ts";
import { harmless } from "./output/width.ts";

/**
 * How a failure shows. People get `error: …` and `hint: …` on standard error, always. With `--json`
 * the document `{error: {code, message, hint?, details?}}` goes to standard output too, but only while
 * that is still empty: a reader gets one document, never two.
 */
export function reportError(thrown: unknown, out: OutHandle, verbose: boolean): ErrorCode {
  const error = toCliError(thrown);
  const { code, hint, details } = error;
  out.errorDocument({
    code,
    message: error.message,
    ...hint !== undefined && { hint },
    ...Object.keys(details).length > 0 && { details },
  });
  out.errorLine(`error: ${printable(error.message)}`, true);
  if (hint !== undefined) out.errorLine(`hint: ${printable(hint)}`);
  if (verbose) { for (const line of causesOf(error)) out.errorLine(line); }
  return code;
}

/** The person at the command line is the operator: what failed inside is theirs to read. */
function toCliError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const fromDatabase = databaseError(thrown);
  if (fromDatabase) return fromDatabase;
  return new AppError("internal", `Internal error: ${messageOf(thrown)}`, { cause: thrown });
}

function causesOf(error: Error): string[] {
  const lines: string[] = [];
  for (let cause = error.cause; cause !== undefined && lines.length < 10;) {
    lines.push(`cause: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/** Several problems may stand on several lines; nothing else may move the cursor. */
function printable(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}
