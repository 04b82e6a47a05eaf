import { browserActor } from "../../identity/mod.ts";
import { revokeConsents } from "../../oauth/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerRedirect } from "../answer.ts";
import type { PageDependencies } from "../dependencies.ts";
import { signInPath } from "../destination.ts";
import { field, readForm } from "../form.ts";
import type { Visit } from "../visit.ts";

/** `POST /account/clients/end`: takes back what one allowed a program, everywhere. */
export async function submitEndClient(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const { user } = visit;
  if (!user) return answerRedirect(visit, signInPath({ kind: "account" }));
  const clientId = field(fields, "client");
  const which = { userId: user.userId, clientId };
  const revoked = clientId === ""
    ? []
    : await revokeConsents(deps.identity, browserActor(user), which);
  if (revoked.length === 0) throw new AppError("not_found", "You allowed no such program");
  return answerRedirect(visit, "/account?done=client");
}
