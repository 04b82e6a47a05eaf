import type { BrowserUser } from "../../identity/mod.ts";
import type { Interaction } from "../../oauth/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import { viewClient, viewPermissions, viewServer } from "../consent_view.ts";
import type { PageDependencies } from "../dependencies.ts";
import { isInteraction, signInPath } from "../destination.ts";
import { field, readForm } from "../form.ts";
import { ConsentPage } from "../pages/consent.tsx";
import { MessagePage } from "../pages/message.tsx";
import { ReturnedPage } from "../pages/returned.tsx";
import { hostOf, type Visit } from "../visit.ts";

/** `GET /consent`: asks; or goes on, where nobody is signed in or this was decided before. */
export async function showConsent(deps: PageDependencies, visit: Visit): Promise<Response> {
  const id = field(visit.query, "interaction");
  const interaction = await getInteraction(deps, id);
  const next = await deps.interactions.next(id, visit.user);
  const path = ownPath(next);
  if (path === undefined) return await goBack(visit, interaction, next, undefined);
  if (!visit.user || !path.startsWith("/consent?")) return answerRedirect(visit, path);
  const { resource, userCode } = interaction;
  const page = ConsentPage({
    host: hostOf(visit),
    browser: visit.key,
    interaction: id,
    client: viewClient(interaction),
    server: viewServer(interaction),
    permissions: viewPermissions(interaction),
    user: visit.user,
    ...{ resource, userCode },
  });
  return await answerPage(visit, page);
}

/** `POST /consent`: what was decided, once. */
export async function submitConsent(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const id = field(fields, "interaction");
  const interaction = await getInteraction(deps, id);
  const { user } = visit;
  if (!user) return answerRedirect(visit, signInPath({ kind: "interaction", id }));
  await refuseOldSignIn(deps, id, user);
  const allow = field(fields, "decision") === "allow";
  const url = await deps.interactions.complete(id, user, {
    allow,
    scopes: fields.getAll("scope"),
    once: field(fields, "once") === "yes",
  });
  if (interaction.kind === "device") return await deviceDone(visit, interaction, allow);
  return await goBack(visit, interaction, url, allow);
}

async function getInteraction(deps: PageDependencies, id: string): Promise<Interaction> {
  const found = isInteraction(id) ? await deps.interactions.find(id) : undefined;
  if (found) return found;
  throw new AppError("not_found", "This request has been answered or is too old", {
    hint: "Go back to the program that sent you here and start again.",
  });
}

/** Who was asked to prove again who they are cannot answer before they did. */
async function refuseOldSignIn(
  deps: PageDependencies,
  id: string,
  user: BrowserUser,
): Promise<void> {
  const path = ownPath(await deps.interactions.next(id, user));
  if (path?.startsWith("/sign-in")) {
    throw new AppError("forbidden", "This request asks you to sign in again first");
  }
}

/** A path of ours; undefined for an address elsewhere. */
function ownPath(next: string): `/${string}` | undefined {
  return /^\/(?!\/)/.test(next) ? next as `/${string}` : undefined;
}

/** Schemes that browsers run or show instead of opening an app. No client has one; nobody follows one here. */
const UNSAFE = /^(?:javascript|data|vbscript|blob|file|about|filesystem):/i;

async function goBack(
  visit: Visit,
  interaction: Interaction,
  url: string,
  allowed: boolean | undefined,
): Promise<Response> {
  if (UNSAFE.test(url.trim())) throw new AppError("invalid", "The client's address is not safe");
  const client = viewClient(interaction).label;
  return await answerPage(visit, ReturnedPage({ host: hostOf(visit), client, url, allowed }));
}

async function deviceDone(
  visit: Visit,
  interaction: Interaction,
  allowed: boolean,
): Promise<Response> {
  const { label } = viewClient(interaction);
  const page = MessagePage({
    host: hostOf(visit),
    title: allowed ? "Device connected" : "Not allowed",
    text: allowed
      ? `Connected: ${label}. You can close this page.`
      : `Nothing was given to ${label}. You can close this page.`,
  });
  return await answerPage(visit, page);
}
