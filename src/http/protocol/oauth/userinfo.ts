import { OAUTH_PATHS } from "../../../oauth/mod.ts";
import { bearerOf } from "../hooks.ts";
import { CORS, misdirected } from "./answers.ts";
import type { OAuthDependencies } from "./dependencies.ts";

/** Who the holder of a token is (OpenID Connect Core §5.3), as far as its scopes tell. */
export async function userinfo(
  deps: OAuthDependencies,
  request: Request,
  address: string,
): Promise<Response> {
  const issuer = deps.issuerOf(request);
  if (issuer === undefined) return misdirected();
  const resource = `${issuer}${OAUTH_PATHS.userinfo}`;
  const who = await deps.authenticate(bearerOf(request), resource, address);
  if (!who.ok && who.kind === "unavailable") return new Response(null, { status: 503 });
  if (!who.ok) {
    return challenge(401, who.error === "missing" ? "" : ', error="invalid_token"');
  }
  if (!who.scopes.includes("openid")) {
    return challenge(403, ', error="insufficient_scope", scope="openid"');
  }
  const claims = await deps.findPerson(who.userId, who.scopes);
  if (!claims) return challenge(401, ', error="invalid_token"');
  return Response.json({ sub: who.userId, ...claims }, {
    headers: { ...CORS, "cache-control": "no-store" },
  });
}

function challenge(status: number, more: string): Response {
  return new Response(null, {
    status,
    headers: {
      ...CORS,
      "access-control-expose-headers": "www-authenticate",
      "www-authenticate": `Bearer realm="spgov"${more}`,
    },
  });
}
