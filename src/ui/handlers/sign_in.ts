import { findPasskeyHost } from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerJson, answerPage, answerRedirect } from "../answer.ts";
import type { NoticeText } from "../components/notice.tsx";
import type { PageDependencies } from "../dependencies.ts";
import { pathOf, readDestination } from "../destination.ts";
import { field, readForm } from "../form.ts";
import { LinkPage } from "../pages/link.tsx";
import { holderOf, hostOf, originOf, type Visit } from "../visit.ts";
import { settleSignIn, showSignInPage } from "./signed_in.ts";

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
  return await showSignInPage(deps, visit, to, { notice, login: again ? user?.email ?? "" : "" });
}

/** `POST /sign-in`: email or name, and password. */
export async function submitPassword(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const login = field(fields, "login").slice(0, 256);
  const password = field(fields, "password");
  const given = { login, password };
  const result = await deps.people.signInWithPassword(given, originOf(visit));
  return await settleSignIn(deps, visit, readDestination(fields), result, {
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
  return answerJson(visit, await deps.people.beginPasskeySignIn(where));
}

/** `POST /sign-in/passkey`: what a passkey signed. */
export async function submitPasskey(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const host = findPasskeyHost(visit.base);
  if (!host) throw new AppError("invalid", "Passkeys do not work at this address");
  const where = { host, holder: holderOf(visit) };
  const answer = field(fields, "answer");
  const result = await deps.people.signInWithPasskey(where, answer, originOf(visit));
  return await settleSignIn(deps, visit, readDestination(fields), result, {
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
  const result = await deps.people.signInWithLink(field(fields, "token"), originOf(visit));
  return await settleSignIn(deps, visit, { kind: "account" }, result, {
    login: "",
    refused: "This link has been used or is too old. Ask for another one.",
  });
}
