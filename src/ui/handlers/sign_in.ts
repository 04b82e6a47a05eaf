import {
  beginPasskeySignIn,
  closeBrowserSession,
  findPasskeyHost,
  sessionCookieName,
  type SignInResult,
  signInWithLink,
  signInWithPasskey,
  signInWithPassword,
  writeCookie,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerJson, answerPage, answerRedirect } from "../answer.ts";
import type { NoticeText } from "../components/notice.tsx";
import { viewClient } from "../consent_view.ts";
import type { PageDependencies } from "../dependencies.ts";
import { type Destination, fieldsOf, pathOf, readDestination } from "../destination.ts";
import { field, readForm } from "../form.ts";
import { LinkPage } from "../pages/link.tsx";
import { SignInPage } from "../pages/sign_in.tsx";
import { formCookieName, holderOf, hostOf, originOf, type Visit } from "../visit.ts";
import { waitText } from "../wait_text.ts";

/** `GET /sign-in`: the page; whoever is signed in already goes on, unless asked to do it again. */
export async function showSignIn(deps: PageDependencies, visit: Visit): Promise<Response> {
  const { query, user } = visit;
  const to = readDestination(query);
  const again = query.has("again");
  if (user && to.kind !== "interaction" && !again) return answerRedirect(visit, pathOf(to));
  const notice: NoticeText | undefined = query.has("out")
    ? { tone: "good", text: "You are signed out." }
    : again
    ? { tone: "warn", text: "Sign in again to go on." }
    : undefined;
  return await show(deps, visit, to, { notice, login: again ? user?.email ?? "" : "" });
}

/** `POST /sign-in`: email or name, and password. */
export async function submitPassword(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const login = field(fields, "login").slice(0, 256);
  const password = field(fields, "password");
  const given = { login, password };
  const result = await signInWithPassword(deps.identity, deps.hasher, given, originOf(visit));
  return await settle(deps, visit, readDestination(fields), result, {
    login,
    refused: "That email, name or password is not right.",
  });
}

/** `POST /sign-in/passkey/options`: a challenge for this browser. */
export async function passkeyOptions(deps: PageDependencies, visit: Visit): Promise<Response> {
  await readForm(visit);
  const host = findPasskeyHost(visit.base);
  if (!host) throw new AppError("invalid", "Passkeys do not work at this address");
  if (!deps.mayChallenge(visit.address)) {
    throw new AppError("rate_limited", "Too many attempts. Try again in a minute.");
  }
  const where = { host, holder: holderOf(visit) };
  return answerJson(visit, await beginPasskeySignIn(deps.identity.sql, where));
}

/** `POST /sign-in/passkey`: what a passkey signed. */
export async function submitPasskey(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const host = findPasskeyHost(visit.base);
  if (!host) throw new AppError("invalid", "Passkeys do not work at this address");
  const where = { host, holder: holderOf(visit) };
  const answer = field(fields, "answer");
  const result = await signInWithPasskey(deps.identity, where, answer, originOf(visit));
  return await settle(deps, visit, readDestination(fields), result, {
    login: "",
    refused: "This passkey was not accepted. Try again, or sign in another way.",
  });
}

/** `GET /sign-in/link`: asks first, so that a look at the address does not use the link up. */
export async function showLink(_: PageDependencies, visit: Visit): Promise<Response> {
  const token = field(visit.query, "token");
  return await answerPage(visit, LinkPage({ host: hostOf(visit), browser: visit.key, token }));
}

/** `POST /sign-in/link`: uses the link. */
export async function submitLink(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const result = await signInWithLink(deps.identity, field(fields, "token"), originOf(visit));
  return await settle(deps, visit, { kind: "account" }, result, {
    login: "",
    refused: "This link has been used or is too old. Ask for another one.",
  });
}

interface Shown {
  readonly login: string;
  readonly notice: NoticeText | undefined;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

async function show(
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
  });
  return await answerPage(visit, page, options);
}

/** Signed in: a new session, the browser's earlier one is over. Not signed in: the page once more. */
async function settle(
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
  return await show(deps, visit, to, {
    login: texts.login,
    notice,
    status: waitMs === undefined ? 403 : 429,
    ...waitMs !== undefined && { headers: { "retry-after": `${Math.ceil(waitMs / 1000)}` } },
  });
}
