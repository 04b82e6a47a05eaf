import { closeBrowserSession, sessionCookieName, writeCookie } from "../../identity/mod.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import type { PageDependencies } from "../dependencies.ts";
import { readForm } from "../form.ts";
import { SignOutPage } from "../pages/sign_out.tsx";
import { hostOf, type Visit } from "../visit.ts";

/** `GET /sign-out`: asks. */
export async function showSignOut(_: PageDependencies, visit: Visit): Promise<Response> {
  const { user, key } = visit;
  if (!user) return answerRedirect(visit, "/sign-in");
  return await answerPage(
    visit,
    SignOutPage({ host: hostOf(visit), browser: key, name: user.name }),
  );
}

/** `POST /sign-out`: ends this browser's session. */
export async function submitSignOut(deps: PageDependencies, visit: Visit): Promise<Response> {
  await readForm(visit);
  if (visit.user) await closeBrowserSession(deps.identity, visit.user);
  const gone = writeCookie(sessionCookieName(visit.secure), "", visit.secure);
  return answerRedirect(visit, "/sign-in?out=1", { cookies: [gone] });
}
