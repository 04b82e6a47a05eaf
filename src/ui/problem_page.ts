import { AppError, SURFACES, toAppError } from "../kernel/errors.ts";
import { answerJson, answerPage } from "./answer.ts";
import { MessagePage } from "./pages/message.tsx";
import { hostOf, type Visit } from "./visit.ts";

/** What went wrong, as a page. Nothing that was sent stands on it. */
export async function answerProblem(
  visit: Visit | undefined,
  error: unknown,
): Promise<Response> {
  const { code, message, hint } = toAppError(error);
  const page = MessagePage({
    host: visit ? hostOf(visit) : "",
    title: code === "internal" ? "Something went wrong" : "That did not work",
    text: `${message}.`.replace(/\.\.$/, "."),
    hint,
    link: visit?.user ? { href: "/account", text: "To your account" } : undefined,
  });
  return await answerPage(visit ?? { secure: false, cookies: [] }, page, {
    status: SURFACES[code].http,
  });
}

/** The same for our own script. */
export async function answerProblemJson(
  visit: Visit | undefined,
  error: unknown,
): Promise<Response> {
  if (!visit) return await answerProblem(visit, error);
  const { code, message } = toAppError(error);
  return answerJson(visit, { code, message }, { status: SURFACES[code].http });
}

/** Whether an error is ours to look at: nobody was refused, something broke. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof AppError) || error.code === "internal";
}
