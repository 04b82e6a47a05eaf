import type { Route } from "../http/mod.ts";
import { inTime } from "../kernel/in_time.ts";
import { answerAsset } from "./assets.ts";
import type { PageDependencies } from "./dependencies.ts";
import { showAccount, submitEndSession, submitOwnPassword } from "./handlers/account.ts";
import { submitEndClient } from "./handlers/clients.ts";
import { showConsent, submitConsent } from "./handlers/consent.ts";
import { showDevice, submitDevice } from "./handlers/device.ts";
import {
  beginConnection,
  beginFederated,
  finishFederated,
  submitDisconnection,
} from "./handlers/federated.ts";
import {
  registrationOptions,
  showPasskeys,
  submitPasskeyAdd,
  submitPasskeyRemoval,
} from "./handlers/passkeys.ts";
import {
  passkeyOptions,
  showLink,
  showSignIn,
  submitLink,
  submitPasskey,
  submitPassword,
} from "./handlers/sign_in.ts";
import { showSignOut, submitSignOut } from "./handlers/sign_out.ts";
import { answerProblem, answerProblemJson, isUnexpected, UNAVAILABLE } from "./problem_page.ts";
import { openVisit, type Visit } from "./visit.ts";

/** Milliseconds until it has to be known who is there, and until there has to be an answer: nobody waits for ever. */
const VISIT_MS = 3000;
const ANSWER_MS = 12_000;

type Handler = (deps: PageDependencies, visit: Visit) => Promise<Response>;
type Problem = (visit: Visit | undefined, error: unknown) => Promise<Response>;
type Method = Route["method"];

/** The pages for people. `public` needs nobody; `browser` sends to the sign-in page whoever is nobody yet. */
export function pageRoutes(deps: PageDependencies): readonly Route[] {
  const route = (
    [method, path, permission, handler]: readonly [Method, string, "public" | "browser", Handler],
    problem: Problem = answerProblem,
  ): Route => ({
    method,
    path,
    permission,
    handle: ({ req, env }) => answer(deps, req.raw, env.address, handler, problem),
  });
  return [
    route(["GET", "/sign-in", "public", showSignIn]),
    route(["POST", "/sign-in", "public", submitPassword]),
    route(["POST", "/sign-in/passkey/options", "public", passkeyOptions], answerProblemJson),
    route(["POST", "/sign-in/passkey", "public", submitPasskey]),
    route(["GET", "/sign-in/link", "public", showLink]),
    route(["POST", "/sign-in/link", "public", submitLink]),
    route(["POST", "/sign-in/with/:provider", "public", beginFederated]),
    route(["GET", "/sign-in/with/:provider", "public", finishFederated]),
    route(["GET", "/sign-out", "browser", showSignOut]),
    route(["POST", "/sign-out", "browser", submitSignOut]),
    route(["GET", "/consent", "browser", showConsent]),
    route(["POST", "/consent", "browser", submitConsent]),
    route(["GET", "/device", "browser", showDevice]),
    route(["POST", "/device", "browser", submitDevice]),
    route(["GET", "/account", "browser", showAccount]),
    route(["POST", "/account/sessions/end", "browser", submitEndSession]),
    route(["POST", "/account/clients/end", "browser", submitEndClient]),
    route(["POST", "/account/password", "browser", submitOwnPassword]),
    route(["POST", "/account/providers", "browser", beginConnection]),
    route(["POST", "/account/providers/remove", "browser", submitDisconnection]),
    route(["GET", "/account/passkeys", "browser", showPasskeys]),
    route(["POST", "/account/passkeys/options", "browser", registrationOptions], answerProblemJson),
    route(["POST", "/account/passkeys", "browser", submitPasskeyAdd]),
    route(["POST", "/account/passkeys/remove", "browser", submitPasskeyRemoval]),
    {
      method: "GET",
      path: "/assets/*",
      permission: "public",
      handle: ({ req }) => answerAsset(req.path),
    },
  ];
}

async function answer(
  deps: PageDependencies,
  request: Request,
  address: string,
  handle: Handler,
  problem: Problem,
): Promise<Response> {
  let visit: Visit | undefined;
  try {
    visit = await inTime(openVisit(deps, request, address), VISIT_MS, UNAVAILABLE);
    return await inTime(handle(deps, visit), ANSWER_MS, UNAVAILABLE);
  } catch (error) {
    if (isUnexpected(error)) deps.report(error);
    return await problem(visit, error);
  }
}
