import {
  closeBrowserSession,
  findPasskeyHost,
  sessionCookieName,
  type SignInResult,
  writeCookie,
} from "../../identity/mod.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import type { NoticeText } from "../components/notice.tsx";
import { viewClient } from "../consent_view.ts";
import type { PageDependencies } from "../dependencies.ts";
import { type Destination, fieldsOf, pathOf } from "../destination.ts";
import { SignInPage } from "../pages/sign_in.tsx";
import { formCookieName, hostOf, type Visit } from "../visit.ts";
import { waitText } from "../wait_text.ts";

/** What the sign-in page says besides. */
export interface Shown {
  readonly login: string;
  readonly notice: NoticeText | undefined;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The sign-in page. */
export async function showSignInPage(
  deps: PageDependencies,
  visit: Visit,
  to: Destination,
  { login, notice, ...options }: Shown,
): Promise<Response> {
  const waiting = to.kind === "interaction" ? await deps.interactions.find(to.id) : undefined;
  const page = SignInPage({
    host: hostOf(visit),
    browser: visit.key,
    fields: fieldsOf(to),
    client: waiting && viewClient(waiting).label,
    login,
    notice,
    passkeys: findPasskeyHost(visit.base) !== undefined,
    providers: deps.federation.list(),
  });
  return await answerPage(visit, page, options);
}

/** Signed in: a new session, the browser's earlier one is over. Not signed in: the page once more. */
export async function settleSignIn(
  deps: PageDependencies,
  visit: Visit,
  to: Destination,
  result: SignInResult,
  texts: { readonly login: string; readonly refused: string },
): Promise<Response> {
  if (result.ok) {
    if (visit.user) await closeBrowserSession(deps.identity, visit.user);
    const { secure } = visit;
    const cookies = [
      writeCookie(sessionCookieName(secure), result.opened.token, secure),
      writeCookie(formCookieName(secure), "", secure),
    ];
    return answerRedirect({ ...visit, cookies: [] }, pathOf(to), { cookies });
  }
  const { waitMs } = result;
  const notice = {
    tone: "bad",
    text: waitMs === undefined ? texts.refused : waitText(waitMs),
  } as const;
  return await showSignInPage(deps, visit, to, {
    login: texts.login,
    notice,
    status: waitMs === undefined ? 403 : 429,
    ...waitMs !== undefined && { headers: { "retry-after": `${Math.ceil(waitMs / 1000)}` } },
  });
}
