import {
  type BrowserUser,
  findPasskeyHost,
  isRecent,
  listPasskeys,
  type PasskeyHost,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerJson, answerPage, answerRedirect } from "../answer.ts";
import type { PageDependencies } from "../dependencies.ts";
import { signInPath } from "../destination.ts";
import { field, proofOf, readForm } from "../form.ts";
import { PasskeysPage } from "../pages/passkeys.tsx";
import { hostOf, type Visit } from "../visit.ts";

const DONE: Readonly<Record<string, string>> = {
  added: "The passkey is added. You can sign in with it.",
  removed: "The passkey is removed. It opens nothing here any more.",
};

/** `GET /account/passkeys`. Who signed in long ago does it again first: a passkey outlives a stolen session. */
export async function showPasskeys(deps: PageDependencies, visit: Visit): Promise<Response> {
  const user = recentUser(visit);
  if (!user) return signInFirst(visit);
  const done = field(visit.query, "done");
  const text = Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  const page = PasskeysPage({
    host: hostOf(visit),
    browser: visit.key,
    passkeys: await listPasskeys(deps.identity.sql, user.userId),
    isPossible: findPasskeyHost(visit.base) !== undefined,
    elsewhere: elsewhere(visit),
    notice: text === undefined ? undefined : { tone: "good", text },
  });
  return await answerPage(visit, page);
}

/** `POST /account/passkeys/options`: a challenge for a new passkey. */
export async function registrationOptions(
  deps: PageDependencies,
  visit: Visit,
): Promise<Response> {
  const fields = await readForm(visit);
  if (!recentUser(visit)) throw new AppError("unauthenticated", "Sign in again first.");
  const options = await deps.people.beginRegistration(proofOf(visit, fields), getHost(visit));
  return answerJson(visit, options);
}

/** `POST /account/passkeys`: the new passkey. */
export async function submitPasskeyAdd(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  if (!recentUser(visit)) return signInFirst(visit);
  const answer = { name: field(fields, "name"), json: field(fields, "answer") };
  await deps.people.finishRegistration(proofOf(visit, fields), getHost(visit), answer);
  return answerRedirect(visit, "/account/passkeys?done=added");
}

/** `POST /account/passkeys/remove`. */
export async function submitPasskeyRemoval(
  deps: PageDependencies,
  visit: Visit,
): Promise<Response> {
  const fields = await readForm(visit);
  if (!recentUser(visit)) return signInFirst(visit);
  await deps.people.removePasskey(proofOf(visit, fields), field(fields, "passkey"));
  return answerRedirect(visit, "/account/passkeys?done=removed");
}

function getHost({ base }: Visit): PasskeyHost {
  const host = findPasskeyHost(base);
  if (!host) throw new AppError("invalid", "Passkeys do not work at this address");
  return host;
}

function recentUser({ user }: Visit): BrowserUser | undefined {
  return user && isRecent(user) ? user : undefined;
}

function signInFirst(visit: Visit): Response {
  const again: Readonly<Record<string, string>> = visit.user ? { again: "1" } : {};
  return answerRedirect(visit, signInPath({ kind: "passkeys" }, again));
}

/** The same page under a name, where this is a loopback address. */
function elsewhere({ base }: Visit): string | undefined {
  const url = new URL(base);
  if (url.hostname !== "127.0.0.1" && url.hostname !== "[::1]") return undefined;
  url.hostname = "localhost";
  return `${url.origin}/account/passkeys`;
}
