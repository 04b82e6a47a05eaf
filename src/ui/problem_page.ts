import { AppError, type ErrorCode, SURFACES, toAppError } from "../kernel/errors.ts";
import { answerJson, type AnswerOptions, answerPage } from "./answer.ts";
import { MessagePage } from "./pages/message.tsx";
import { hostOf, type Visit } from "./visit.ts";

/** What is said while something that we need does not answer. */
export const UNAVAILABLE = "The service cannot answer at this moment";

/** What went wrong, as a page. Nothing that was sent stands on it. */
export async function answerProblem(
  visit: Visit | undefined,
  error: unknown,
): Promise<Response> {
  const { code, message, hint } = toPageError(error);
  const page = MessagePage({
    host: visit ? hostOf(visit) : "",
    title: code === "internal" ? "Something went wrong" : "That did not work",
    text: `${message}.`.replace(/\.\.$/, "."),
    hint,
    link: visit?.user ? { href: "/account", text: "To your account" } : undefined,
  });
  return await answerPage(visit ?? { secure: false, cookies: [] }, page, optionsOf(code));
}

/** The same for our own script. */
export async function answerProblemJson(
  visit: Visit | undefined,
  error: unknown,
): Promise<Response> {
  if (!visit) return await answerProblem(visit, error);
  const { code, message } = toPageError(error);
  return answerJson(visit, { code, message }, optionsOf(code));
}

/** Whatever the database or its driver throws has a code, and says that it did not do what it should. */
function toPageError(error: unknown): AppError {
  const isDriver = !(error instanceof AppError) && error instanceof Error && "code" in error;
  return isDriver ? new AppError("unavailable", UNAVAILABLE, { cause: error }) : toAppError(error);
}

function optionsOf(code: ErrorCode): AnswerOptions {
  const status = SURFACES[code].http;
  return code === "unavailable" ? { status, headers: { "retry-after": "5" } } : { status };
}

/** Whether an error is ours to look at: nobody was refused, something broke. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof AppError) || error.code === "internal";
}
