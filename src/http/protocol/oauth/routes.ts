import { OAUTH_PATHS } from "../../../oauth/mod.ts";
import type { Route } from "../../routes.ts";
import { preflight } from "./answers.ts";
import { authorize } from "./authorize.ts";
import type { OAuthDependencies } from "./dependencies.ts";
import { answerGrant } from "./grant.ts";
import { keySet, resourceMetadata, serverMetadata } from "./metadata.ts";
import { answerRegistration } from "./register.ts";
import { userinfo } from "./userinfo.ts";

const RESOURCE = "/.well-known/oauth-protected-resource";
const SERVER = "/api/v1/mcp/:server/mcp/.well-known";

/**
 * The authorization server's part of the surface. It is public: clients and people prove who they are in
 * the protocol's own ways, and what they may see is theirs.
 */
export function oauthRoutes(deps: OAuthDependencies): readonly Route[] {
  const at = (
    method: Route["method"],
    path: string,
    handle: Route["handle"],
  ): Route => ({ method, path, permission: "public", handle });
  const { authorize: authorizePath, register, userinfo: userinfoPath } = OAUTH_PATHS;
  return [
    at("GET", "/.well-known/oauth-authorization-server", (c) => serverMetadata(deps, c.req.raw)),
    at("GET", "/.well-known/openid-configuration", (c) => serverMetadata(deps, c.req.raw)),
    at("GET", OAUTH_PATHS.jwks, () => keySet(deps)),
    at(
      "GET",
      `${RESOURCE}/*`,
      (c) => resourceMetadata(deps, c.req.raw, c.req.path.slice(RESOURCE.length)),
    ),
    at(
      "GET",
      `${SERVER}/oauth-protected-resource`,
      (c) => resourceMetadata(deps, c.req.raw, c.req.path.replace(/\/\.well-known\/.*$/, "")),
    ),
    at("GET", `${SERVER}/oauth-authorization-server`, (c) => serverMetadata(deps, c.req.raw)),
    at("GET", authorizePath, (c) => authorize(deps, c.req.raw, c.env.address)),
    at("POST", authorizePath, (c) => authorize(deps, c.req.raw, c.env.address)),
    at("POST", OAUTH_PATHS.token, (c) => answerGrant(deps, "token", c.req.raw, c.env.address)),
    at(
      "POST",
      OAUTH_PATHS.revoke,
      (c) => answerGrant(deps, "revocation", c.req.raw, c.env.address),
    ),
    at(
      "POST",
      OAUTH_PATHS.introspect,
      (c) => answerGrant(deps, "introspection", c.req.raw, c.env.address),
    ),
    at(
      "POST",
      OAUTH_PATHS.deviceAuthorization,
      (c) => answerGrant(deps, "device_authorization", c.req.raw, c.env.address),
    ),
    at("POST", register, (c) => answerRegistration(deps, "create", c.req.raw, c.env.address)),
    ...(["GET", "PUT", "DELETE"] as const).map((method) =>
      at(method, `${register}/:id`, (c) => {
        const action = ({ GET: "read", PUT: "update", DELETE: "delete" } as const)[method];
        return answerRegistration(deps, action, c.req.raw, c.env.address, c.req.param("id"));
      })
    ),
    at("GET", userinfoPath, (c) => userinfo(deps, c.req.raw, c.env.address)),
    at("POST", userinfoPath, (c) => userinfo(deps, c.req.raw, c.env.address)),
    at("OPTIONS", "/.well-known/*", preflight),
    at("OPTIONS", "/api/v1/core/oauth/*", preflight),
  ];
}
