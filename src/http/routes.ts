import { Hono } from "hono";
import type { Context } from "hono";
import { problem } from "./errors.ts";
import { openApiDocument } from "./api/openapi.ts";
import type { ApiPermission } from "./api/permissions.ts";
import { type ApiDependencies, apiRoutes, refuseMethod } from "./api/serve.ts";
import { health } from "./health.ts";
import type { Handler } from "./listen.ts";
import { answerMetrics, type MetricsDependencies } from "./metrics.ts";
import type { OAuthDependencies } from "./protocol/oauth/dependencies.ts";
import { oauthRoutes } from "./protocol/oauth/routes.ts";
import { answerHook, type HookDependencies, refuseStrayHook } from "./protocol/hooks.ts";
import { answerMcp, type McpDependencies } from "./protocol/mcp.ts";
import { type ScimDependencies, scimRoutes } from "./protocol/scim.ts";

/**
 * What a caller must hold to use a route. `public` needs nothing and shows nothing; `browser` is for people, and
 * sends to the sign-in page whoever is not signed in.
 */
export type RoutePermission =
  | "public"
  | "browser"
  | "hooks:govern"
  | "hooks:track"
  | "mcp:call"
  | "scim:read"
  | "scim:write"
  | ApiPermission;

export interface Environment {
  readonly Bindings: {
    /** The client's address, behind trusted proxies. */
    readonly address: string;
    /** Calls back when the client is gone before it had its answer. */
    readonly onGone: (callback: () => void) => void;
  };
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  readonly path: string;
  readonly permission: RoutePermission;
  handle(context: Context<Environment>): Response | Promise<Response>;
}

/** What the hook endpoints need of a context. */
type HookContext = Pick<Context<Environment>, "env"> & { readonly req: { readonly raw: Request } };

export interface HttpDependencies
  extends
    HookDependencies,
    McpDependencies,
    ApiDependencies,
    MetricsDependencies,
    ScimDependencies {
  readonly oauth: OAuthDependencies;
  /** What keeps the service from deciding; undefined when it is ready. */
  notReady(): string | undefined;
}

/**
 * The whole HTTP surface, in one screen. The hook endpoints and those of MCP establish their caller
 * themselves: their refusals are answers in their protocol's form.
 */
export function routeTable(deps: HttpDependencies): readonly Route[] {
  return [
    ...hookRoutes(deps),
    {
      method: "POST",
      path: "/api/public/hooks/*",
      permission: "public",
      handle: ({ req }) => refuseStrayHook(req.raw),
    },
    {
      method: "GET",
      path: "/api/v1/openapi.json",
      permission: "public",
      handle: () => Response.json(openApiDocument(), { headers: { "cache-control": "no-cache" } }),
    },
    ...apiRoutes(deps),
    ...(["POST", "GET", "DELETE"] as const).map((method): Route => ({
      method,
      path: "/api/v1/mcp/:server/mcp",
      permission: "mcp:call",
      handle: ({ req, env }) => answerMcp(deps, req.param("server") ?? "", req.raw, env),
    })),
    ...scimRoutes(deps),
    ...oauthRoutes(deps.oauth),
    { method: "GET", path: "/healthz", permission: "public", handle: () => health(undefined) },
    { method: "GET", path: "/readyz", permission: "public", handle: () => health(deps.notReady()) },
    {
      method: "GET",
      path: "/metrics",
      permission: "metrics:read",
      handle: (c) => answerMetrics(deps, { request: c.req.raw, address: c.env.address }),
    },
  ];
}

function hookRoutes(deps: HookDependencies) {
  return (["govern", "track"] as const).map((surface) => ({
    method: "POST" as const,
    path: `/api/public/hooks/${surface}`,
    permission: `hooks:${surface}` as const,
    handle: ({ req, env }: HookContext) => answerHook(deps, surface, req.raw, env.address),
  }));
}

/** Serves the table and `more`, the routes of other folders; everything else is a problem document. */
export function createApp(
  deps: HttpDependencies,
  more: readonly Route[] = [],
): Hono<Environment> {
  const app = new Hono<Environment>();
  for (const { method, path, handle } of [...routeTable(deps), ...more]) {
    app.on(method, path, handle);
  }
  return app.notFound((c) => refuseMethod(c.req.path) ?? nothingAt(c.req.path)).onError(
    (error) => problem("internal", "Internal error", error),
  );
}

function nothingAt(path: string): Response {
  return problem("not_found", `There is nothing at ${path}`);
}

/**
 * As `createApp`, with a short way to the hook endpoints and to the servers' own: most requests are theirs, and
 * they need no context.
 */
export function createHandler(deps: HttpDependencies, more: readonly Route[] = []): Handler {
  const app = createApp(deps, more);
  const hooks = new Map(hookRoutes(deps).map((route) => [route.path, route]));
  return (request, env) => {
    if (request.method !== "POST") return app.fetch(request, env);
    const path = pathOf(request.url);
    const hook = hooks.get(path);
    if (hook) return hook.handle({ req: { raw: request }, env });
    const server = MCP_PATH.exec(path)?.[1];
    if (server === undefined) return app.fetch(request, env);
    return answerMcp(deps, server, request, env).catch((error) =>
      problem("internal", "Internal error", error)
    );
  };
}

const MCP_PATH = /^\/api\/v1\/mcp\/([\w-]+)\/mcp$/;

/** The path as it was sent; one that is spelt another way (`%2e`) is for Hono to read. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return url.slice(start, end < 0 ? url.length : end);
}
