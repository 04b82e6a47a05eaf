import { readCookie, sessionCookieName } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { type Parameters, readAuthorization } from "../../../oauth/mod.ts";
import { misdirected } from "./answers.ts";
import type { OAuthDependencies } from "./dependencies.ts";
import { readForm } from "./form_body.ts";

/** Where a client sends a person's browser: begins an authorization and sends the browser on. */
export async function authorize(
  deps: OAuthDependencies,
  request: Request,
  address: string,
): Promise<Response> {
  try {
    return await begin(deps, request, address);
  } catch (error) {
    const shown = error instanceof AppError
      ? error
      : new AppError("unavailable", "Nobody can be connected at the moment: try again", {
        cause: error,
      });
    return await deps.problemPage(shown);
  }
}

async function begin(
  deps: OAuthDependencies,
  request: Request,
  address: string,
): Promise<Response> {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  if (!deps.rates.pages.take(address)) {
    return await deps.problemPage(new AppError("rate_limited", "Too many requests: wait a minute"));
  }
  if (await deps.isBanned(address)) {
    return await deps.problemPage(new AppError("forbidden", "Your address is banned"));
  }
  const parameters = await readParameters(request);
  if (!parameters) return await refusal(deps, "The request cannot be read");
  const read = await readAuthorization(parameters, {
    issuer,
    getClient: deps.getClient,
    servers: deps.servers(),
  });
  if (read.kind === "page") return await refusal(deps, read.error.message);
  if (read.kind === "redirect") return redirect(read.url);
  const id = await deps.interactions.begin(read.request);
  const cookie = sessionCookieName(issuer.startsWith("https:"));
  const session = readCookie(request.headers.get("cookie"), cookie);
  return redirect(await deps.interactions.next(id, session));
}

async function readParameters(request: Request): Promise<Parameters | undefined> {
  if (request.method === "POST") return await readForm(request);
  return [...new URL(request.url).searchParams];
}

/** There is no client, or no address of it, that could be told: the person is. */
function refusal(deps: OAuthDependencies, message: string): Promise<Response> {
  return deps.problemPage(
    new AppError("invalid", message, { hint: "Nothing was sent to the application." }),
  );
}

/** Sends the browser on, with a GET. */
function redirect(url: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: url, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}
