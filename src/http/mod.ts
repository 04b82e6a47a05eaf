export { trustedProxies } from "./client_address.ts";
export { type BaseOptions, baseUrlOf } from "./base_url.ts";
export type { ApiDependencies } from "./api/serve.ts";
export type { Handler, Listener, ListenOptions } from "./listen.ts";
export { listenOn } from "./listen_on.ts";
export { createCallLinks } from "./protocol/call_links.ts";
export type { Authentication } from "./protocol/hooks.ts";
export { answerHandedOver, answerMcp, type McpDependencies } from "./protocol/mcp.ts";
export {
  createApp,
  createHandler,
  type Environment,
  type HttpDependencies,
  type Route,
  type RoutePermission,
  routeTable,
} from "./routes.ts";
export type { OAuthDependencies } from "./protocol/oauth/dependencies.ts";
