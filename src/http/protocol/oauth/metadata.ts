import { authorizationServerMetadata, protectedResourceMetadata } from "../../../oauth/mod.ts";
import { problem } from "../../errors.ts";
import { CORS, misdirected, unavailable } from "./answers.ts";
import type { OAuthDependencies } from "./dependencies.ts";

const HEADERS = { ...CORS, "cache-control": "public, max-age=60" };

/** The authorization server's metadata. */
export function serverMetadata(deps: OAuthDependencies, request: Request): Response {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  const metadata = authorizationServerMetadata(issuer, deps.servers().list(), deps.config());
  return Response.json(metadata, { headers: HEADERS });
}

/** The metadata of the resource at `path`. */
export function resourceMetadata(
  deps: OAuthDependencies,
  request: Request,
  path: string,
): Response {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  const server = deps.servers().list().find((each) => each.path === path);
  return server
    ? Response.json(protectedResourceMetadata(issuer, server), { headers: HEADERS })
    : problem("not_found", `There is no protected resource at ${path}`);
}

/** The keys that tokens verify with. */
export async function keySet(deps: OAuthDependencies): Promise<Response> {
  try {
    return Response.json({ keys: await deps.jwks() }, { headers: HEADERS });
  } catch {
    return unavailable();
  }
}
