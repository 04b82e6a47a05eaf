import type { Interaction } from "../../oauth/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { answerPage, answerRedirect } from "../answer.ts";
import { viewClient, viewPermissions, viewServer } from "../consent_view.ts";
import type { PageDependencies } from "../dependencies.ts";
import { isInteraction, signInPath } from "../destination.ts";
import { field, proofOf, readForm } from "../form.ts";
import { ConsentPage } from "../pages/consent.tsx";
import { ReturnedPage } from "../pages/returned.tsx";
import { hostOf, type Visit } from "../visit.ts";

/** `GET /consent`: asks; or goes on, where nobody is signed in or this was decided before. */
export async function showConsent(deps: PageDependencies, visit: Visit): Promise<Response> {
  const id = field(visit.query, "interaction");
  const interaction = await getInteraction(deps, id);
  const next = await deps.interactions.next(id, visit.user && visit.key);
  if (!visit.user || !ownPath(next)?.startsWith("/consent?")) {
    return await follow(visit, interaction, next, undefined);
  }
  const { resource, userCode, remembers } = interaction;
  const page = ConsentPage({
    host: hostOf(visit),
    browser: visit.key,
    interaction: id,
    client: viewClient(interaction),
    server: viewServer(interaction),
    permissions: viewPermissions(interaction),
    user: visit.user,
    ...{ resource, userCode, remembers },
  });
  return await answerPage(visit, page);
}

/** `POST /consent`: what was decided, once. */
export async function submitConsent(deps: PageDependencies, visit: Visit): Promise<Response> {
  const fields = await readForm(visit);
  const id = field(fields, "interaction");
  const interaction = await getInteraction(deps, id);
  if (!visit.user) return answerRedirect(visit, signInPath({ kind: "interaction", id }));
  const allow = readDecision(fields);
  const once = field(fields, "once") === "yes";
  const decision = { allow, once, scopes: fields.getAll("scope") };
  return await follow(
    visit,
    interaction,
    await deps.interactions.complete(id, proofOf(visit, fields), decision),
    allow,
  );
}

function readDecision(fields: URLSearchParams): boolean {
  const decision = field(fields, "decision");
  if (decision === "allow" || decision === "deny") return decision === "allow";
  throw new AppError("invalid", "Nothing was decided");
}

async function getInteraction(deps: PageDependencies, id: string): Promise<Interaction> {
  const found = isInteraction(id) ? await deps.interactions.find(id) : undefined;
  if (found) return found;
  throw new AppError("not_found", "This request has been answered or is too old", {
    hint: "Go back to the program that sent you here and start again.",
  });
}

/** A path of ours; undefined for an address elsewhere. */
function ownPath(next: string): `/${string}` | undefined {
  return /^\/(?![/\\])/.test(next) ? next as `/${string}` : undefined;
}

/** Schemes that browsers run or show instead of opening an app. No client has one; nobody follows one here. */
const UNSAFE = /^(?:javascript|data|vbscript|blob|file|about|filesystem):/i;

/** To a page of ours, or back to the client. `allowed`: what was decided, where somebody was asked. */
async function follow(
  visit: Visit,
  interaction: Interaction,
  url: string,
  allowed: boolean | undefined,
): Promise<Response> {
  const path = ownPath(url);
  if (path !== undefined) return answerRedirect(visit, path);
  if (UNSAFE.test(url.trim())) throw new AppError("invalid", "The client's address is not safe");
  const client = viewClient(interaction).label;
  return await answerPage(visit, ReturnedPage({ host: hostOf(visit), client, url, allowed }));
}
