import { Hono } from "hono";
import type { Context } from "hono";
import { problem } from "./errors.ts";
import {
  listServerLogs,
  listServers,
  type McpServersDependencies,
  restartServer,
} from "./api/mcp_servers.ts";
import type { ApiRequest } from "./api/guard.ts";
import { health } from "./health.ts";
import type { OAuthDependencies } from "./protocol/oauth/dependencies.ts";
import { oauthRoutes } from "./protocol/oauth/routes.ts";
import { answerHook, type HookDependencies, refuseStrayHook } from "./protocol/hooks.ts";
import { answerMcp, type McpDependencies } from "./protocol/mcp.ts";

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
  | "mcp:read"
  | "mcp:write";

export interface Environment {
  readonly Bindings: {
    /** The client's address, behind trusted proxies. */
    readonly address: string;
    /** Calls back when the client is gone before it had its answer. */
    readonly onGone: (callback: () => void) => void;
  };
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  readonly path: string;
  readonly permission: RoutePermission;
  handle(context: Context<Environment>): Response | Promise<Response>;
}

export interface HttpDependencies
  extends HookDependencies, McpDependencies, McpServersDependencies {
  readonly oauth: OAuthDependencies;
  /** What keeps the service from deciding; undefined when it is ready. */
  notReady(): string | undefined;
  metrics(): string;
}

/**
 * The whole HTTP surface, in one screen. The hook endpoints and those of MCP establish their caller
 * themselves: their refusals are answers in their protocol's form.
 */
export function routeTable(deps: HttpDependencies): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/api/public/hooks/govern",
      permission: "hooks:govern",
      handle: ({ req, env }) => answerHook(deps, "govern", req.raw, env.address),
    },
    {
      method: "POST",
      path: "/api/public/hooks/track",
      permission: "hooks:track",
      handle: ({ req, env }) => answerHook(deps, "track", req.raw, env.address),
    },
    {
      method: "POST",
      path: "/api/public/hooks/*",
      permission: "public",
      handle: ({ req }) => refuseStrayHook(req.raw),
    },
    {
      method: "GET",
      path: "/api/v1/mcp/servers",
      permission: "mcp:read",
      handle: (c) => listServers(deps, apiRequest(c)),
    },
    {
      method: "GET",
      path: "/api/v1/mcp/servers/:server/logs",
      permission: "mcp:read",
      handle: (c) => listServerLogs(deps, apiRequest(c), c.req.param("server") ?? ""),
    },
    {
      method: "POST",
      path: "/api/v1/mcp/servers/:server/restart",
      permission: "mcp:write",
      handle: (c) => restartServer(deps, apiRequest(c), c.req.param("server") ?? ""),
    },
    ...(["POST", "GET", "DELETE"] as const).map((method): Route => ({
      method,
      path: "/api/v1/mcp/:server/mcp",
      permission: "mcp:call",
      handle: ({ req, env }) => answerMcp(deps, req.param("server") ?? "", req.raw, env),
    })),
    ...oauthRoutes(deps.oauth),
    { method: "GET", path: "/healthz", permission: "public", handle: () => health(undefined) },
    { method: "GET", path: "/readyz", permission: "public", handle: () => health(deps.notReady()) },
    {
      method: "GET",
      path: "/metrics",
      permission: "public",
      handle: (c) => c.body(deps.metrics(), 200, { "content-type": "text/plain; version=0.0.4" }),
    },
  ];
}

function apiRequest({ req, env }: Context<Environment>): ApiRequest {
  return { request: req.raw, address: env.address };
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
  return app.notFound((c) => problem("not_found", `There is nothing at ${c.req.path}`)).onError(
    (error) => problem("internal", "Internal error", error),
  );
}
