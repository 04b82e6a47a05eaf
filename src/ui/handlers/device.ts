import { AppError } from "../../kernel/errors.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import type { NoticeText } from "../components/notice.tsx";
import type { PageDependencies } from "../dependencies.ts";
import { pathOf, readUserCode, signInPath } from "../destination.ts";
import { field, readForm } from "../form.ts";
import { DevicePage } from "../pages/device.tsx";
import { MessagePage } from "../pages/message.tsx";
import { hostOf, type Visit } from "../visit.ts";

/** `GET /device`: asks for the code, filled in where the address has it; or says that it is done. */
export async function showDevice(_: PageDependencies, visit: Visit): Promise<Response> {
  const { query, user } = visit;
  const code = readUserCode(field(query, "user_code"));
  if (!user) return answerRedirect(visit, signInPath({ kind: "device", code }));
  if (query.has("done")) return await showDone(visit, field(query, "done") === "allowed");
  return await show(visit, code, undefined);
}

async function showDone(visit: Visit, isAllowed: boolean): Promise<Response> {
  const page = MessagePage({
    host: hostOf(visit),
    title: isAllowed ? "Go back to your device" : "Not allowed",
    text: isAllowed
      ? "It goes on by itself. You can close this page."
      : "Nothing was given to the device. You can close this page.",
  });
  return await answerPage(visit, page);
}

/** `POST /device`: to what waits under this code. */
export async function submitDevice(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const code = readUserCode(field(fields, "user_code"));
  if (!visit.user) return answerRedirect(visit, signInPath({ kind: "device", code }));
  if (!deps.mayChallenge(visit.address)) {
    throw new AppError("rate_limited", "Too many attempts. Try again in a minute.");
  }
  const id = await deps.interactions.findDevice(code);
  if (id !== undefined) return answerRedirect(visit, pathOf({ kind: "interaction", id }));
  return await show(visit, code, {
    tone: "bad",
    text: "No device waits with this code. Codes are good for a few minutes.",
  });
}

async function show(
  visit: Visit,
  code: string,
  notice: NoticeText | undefined,
): Promise<Response> {
  const page = DevicePage({ host: hostOf(visit), browser: visit.key, code, notice });
  return await answerPage(visit, page, notice ? { status: 404 } : {});
}
