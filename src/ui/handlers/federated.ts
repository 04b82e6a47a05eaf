import type { FederationRule } from "../../egress/mod.ts";
import {
  browserActor,
  type BrowserForm,
  type BrowserUser,
  isRecent,
  unlinkAccount,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import type { PageDependencies, ProviderView } from "../dependencies.ts";
import { type Destination, fieldsOf, readDestination, signInPath } from "../destination.ts";
import { field, proofOf, readForm } from "../form.ts";
import { SentPage } from "../pages/sent.tsx";
import { holderOf, hostOf, originOf, type Visit } from "../visit.ts";
import { showAccountPage } from "./account.ts";
import { settleSignIn, showSignInPage } from "./signed_in.ts";

/** `POST /sign-in/with/:provider`: off to the provider. */
export async function beginFederated(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const provider = getProvider(deps, providerOf(visit));
  const to = readDestination(fields);
  const fresh = visit.user !== undefined || await asksSignIn(deps, to);
  const refused = await send(deps, visit, { provider, to, fresh, form: undefined });
  if (refused instanceof Response) return refused;
  const notice = { tone: "bad", text: textOf(refused, provider) } as const;
  return await showSignInPage(deps, visit, to, { login: "", notice, status: 503 });
}

/** `POST /account/providers`: the same, to connect an account to one's own user. */
export async function beginConnection(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const user = recentUser(visit);
  if (!user) return signInFirst(visit);
  const provider = getProvider(deps, field(fields, "provider"));
  const to = { kind: "account" } as const;
  const form = proofOf(visit, fields);
  const refused = await send(deps, visit, { provider, to, fresh: true, form });
  if (refused instanceof Response) return refused;
  const notice = { tone: "bad", text: textOf(refused, provider) } as const;
  return await showAccountPage(deps, visit, user, notice, 503);
}

/** `GET /sign-in/with/:provider`: back from the provider. Good once, and only for who began it. */
export async function finishFederated(deps: PageDependencies, visit: Visit): Promise<Response> {
  const provider = getProvider(deps, providerOf(visit));
  if (!visit.query.has("state")) return answerRedirect(visit, "/sign-in");
  const answer = {
    provider: provider.name,
    holder: holderOf(visit),
    parameters: [...visit.query],
  };
  const session = visit.user && visit.key;
  const { result, signedIn } = await deps.people.finishFederated(answer, session, originOf(visit));
  const to = readDestination(new URLSearchParams(result.destination));
  if (result.ok && result.linked) return answerRedirect(visit, "/account?done=connected");
  const refused = result.ok ? "" : textOf(result.rule, provider);
  if (visit.user && !signedIn) {
    return await showAccountPage(deps, visit, visit.user, { tone: "bad", text: refused }, 403);
  }
  if (!signedIn) return answerRedirect(visit, "/sign-in");
  const text = signedIn.ok || signedIn.rule !== "not_let_in" ? refused : NOT_LET_IN;
  return await settleSignIn(deps, visit, to, signedIn, { login: "", refused: text });
}

/** `POST /account/providers/remove`. */
export async function submitDisconnection(
  deps: PageDependencies,
  visit: Visit,
): Promise<Response> {
  const fields = await readForm(visit);
  const user = recentUser(visit);
  if (!user) return signInFirst(visit);
  const account = { issuer: field(fields, "issuer"), subject: field(fields, "subject") };
  await unlinkAccount(deps.identity, browserActor(user), user.userId, account);
  return answerRedirect(visit, "/account?done=disconnected");
}

interface Sending {
  readonly provider: ProviderView;
  readonly to: Destination;
  readonly fresh: boolean;
  /** To connect an account to who sent it; undefined for signing in. */
  readonly form: BrowserForm | undefined;
}

/** The page that leads to the provider, or why there is no way. */
async function send(
  deps: PageDependencies,
  visit: Visit,
  { provider, to, fresh, form }: Sending,
): Promise<Response | FederationRule> {
  if (!deps.mayChallenge(visit.address)) {
    throw new AppError("rate_limited", "Too many attempts. Try again in a minute.");
  }
  const begun = await deps.people.beginFederated({
    provider: provider.name,
    base: visit.base,
    holder: holderOf(visit),
    destination: new URLSearchParams(fieldsOf(to)).toString(),
    fresh,
  }, form);
  if (!begun.ok) return begun.rule;
  const page = SentPage({ host: hostOf(visit), title: provider.title, url: begun.url });
  return await answerPage(visit, page);
}

async function asksSignIn(deps: PageDependencies, to: Destination): Promise<boolean> {
  if (to.kind !== "interaction") return false;
  return (await deps.interactions.find(to.id))?.asksSignIn ?? false;
}

function providerOf({ request }: Visit): string {
  return new URL(request.url).pathname.slice("/sign-in/with/".length);
}

function getProvider({ federation }: PageDependencies, name: string): ProviderView {
  const found = federation.list().find((provider) => provider.name === name);
  if (found) return found;
  throw new AppError("not_found", "There is no such identity provider");
}

function recentUser({ user }: Visit): BrowserUser | undefined {
  return user && isRecent(user) ? user : undefined;
}

function signInFirst(visit: Visit): Response {
  const again: Readonly<Record<string, string>> = visit.user ? { again: "1" } : {};
  return answerRedirect(visit, signInPath({ kind: "account" }, again));
}

const NOT_LET_IN = "You are known here, but not let in. Ask your operator.";

/** What whoever tried is told. */
function textOf(rule: FederationRule, { title }: ProviderView): string {
  switch (rule) {
    case "unknown_state":
      return "This sign-in is over, or was begun in another browser. Start again.";
    case "provider_refused":
      return `${title} did not sign you in.`;
    case "provider_unreachable":
    case "unknown_provider":
      return `Signing in with ${title} does not work at this moment.`;
    case "wrong_response":
      return `What ${title} answered was not accepted. Start again.`;
    case "stale_proof":
      return `${title} did not ask you anew, which was needed. Start again.`;
    case "unknown_account":
      return `Your account at ${title} is connected to nobody here. Ask your operator.`;
    case "email_unverified":
      return `${title} does not say that your email is yours. Ask your operator.`;
    case "email_taken":
      return `Somebody here has the email of that account. Sign in another way and connect it.`;
    case "account_taken":
      return `That account at ${title} is connected to somebody else here.`;
  }
}
