import {
  browserActor,
  type BrowserUser,
  endSessions,
  findPasswordTime,
  IDLE_MS,
  listAccounts,
  listBrowserSessions,
  listPasskeys,
  MIN_PASSWORD_LENGTH,
} from "../../identity/mod.ts";
import { listConsents } from "../../oauth/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import type { NoticeText } from "../components/notice.tsx";
import type { PageDependencies } from "../dependencies.ts";
import { signInPath } from "../destination.ts";
import { field, proofOf, readForm } from "../form.ts";
import { AccountPage } from "../pages/account.tsx";
import { hostOf, originOf, type Visit } from "../visit.ts";
import { waitText } from "../wait_text.ts";

const DONE: Readonly<Record<string, string>> = {
  password: "Your password is set. You are signed out everywhere else.",
  session: "That session is over.",
  client: "That program may do nothing for you any more.",
  connected: "The account is connected. You can sign in with it.",
  disconnected: "The account is connected to you no more.",
};

/** `GET /account`: one's own sessions and credentials. */
export async function showAccount(deps: PageDependencies, visit: Visit): Promise<Response> {
  const { user, query } = visit;
  if (!user) return answerRedirect(visit, signInPath({ kind: "account" }));
  const done = field(query, "done");
  const text = Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  return await showAccountPage(
    deps,
    visit,
    user,
    text === undefined ? undefined : { tone: "good", text },
  );
}

/** `POST /account/sessions/end`: ends another session of one's own. */
export async function submitEndSession(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const { user } = visit;
  if (!user) return answerRedirect(visit, signInPath({ kind: "account" }));
  const id = field(fields, "session");
  const own = await listBrowserSessions(deps.identity.sql, user.userId, IDLE_MS);
  if (!own.some(({ sessionId }) => sessionId === id)) {
    throw new AppError("not_found", "You have no such session");
  }
  await endSessions(deps.identity, browserActor(user), { id });
  return answerRedirect(visit, "/account?done=session");
}

/** `POST /account/password`: another password, for whoever knows the one there is. */
export async function submitOwnPassword(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const { user } = visit;
  if (!user) return answerRedirect(visit, signInPath({ kind: "account" }));
  const refusal = await changePassword(deps, visit, fields);
  if (refusal === undefined) return answerRedirect(visit, "/account?done=password");
  return await showAccountPage(deps, visit, user, { tone: "bad", text: refusal }, 422);
}

/** Why it was not changed, in a sentence; undefined when it was. */
async function changePassword(
  deps: PageDependencies,
  visit: Visit,
  fields: URLSearchParams,
): Promise<string | undefined> {
  const next = field(fields, "password");
  if (next !== field(fields, "again")) return "The two new passwords are not the same.";
  const passwords = { current: field(fields, "current"), next };
  const proof = proofOf(visit, fields);
  const changed = await deps.people.changeOwnPassword(proof, passwords, originOf(visit));
  switch (changed.outcome) {
    case "changed":
      return undefined;
    case "wrong_password":
      return "Your current password is not right.";
    case "sign_in_again":
      return "Sign in again first: it is too long ago for setting a password.";
    case "unfit":
      return `${changed.problem}. Choose another one.`;
    case "rate_limited":
      return waitText(changed.waitMs);
  }
}

/** The page, with what there is to say. */
export async function showAccountPage(
  deps: PageDependencies,
  visit: Visit,
  user: BrowserUser,
  notice: NoticeText | undefined,
  status = 200,
): Promise<Response> {
  const { sql } = deps.identity;
  const [sessions, clients, passkeys, passwordSetAt, accounts] = await Promise.all([
    listBrowserSessions(sql, user.userId, IDLE_MS),
    listConsents(sql, { userId: user.userId }),
    listPasskeys(sql, user.userId),
    findPasswordTime(sql, user.userId),
    listAccounts(sql, user.userId),
  ]);
  const page = AccountPage({
    host: hostOf(visit),
    browser: visit.key,
    passkeys: passkeys.length,
    minPasswordLength: MIN_PASSWORD_LENGTH,
    providers: deps.federation.list(),
    ...{ user, sessions, clients, accounts, passwordSetAt, notice },
  });
  return await answerPage(visit, page, { status });
}
