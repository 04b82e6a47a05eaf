import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import type { Core } from "./core.ts";
import { describe } from "./describe.ts";
import { type Era, MODERN_VERSION, resultFor } from "./era.ts";
import type { Exchange } from "./exchange.ts";
import { governedCall } from "./governed_call.ts";
import { isListMethod, listPage, visibleServers } from "./lists.ts";
import { CODES, errorReply, type Params, type Reply, stringAt } from "./message.ts";
import { complete, task, toEveryServer, toOneServer } from "./other_requests.ts";
import { withUpstream } from "./pool.ts";
import { cleanResult } from "./result_scan.ts";
import { ALL, type Route, type RouteKind, splitName } from "./route.ts";
import { uriProblem } from "./resource_uri.ts";

type Handle = (core: Core, exchange: Exchange) => Promise<Reply>;

const CALLS: Readonly<Record<string, RouteKind>> = {
  "tools/call": "tool",
  "prompts/get": "prompt",
  "resources/read": "resource",
};

/** Requests beside calls and lists, and the eras that have them. */
const OTHERS: Readonly<Record<string, readonly [Handle, ...Era[]]>> = {
  "ping": [() => Promise.resolve({ result: {} }), "legacy"],
  "server/discover": [discover, "modern"],
  "completion/complete": [complete, "legacy", "modern"],
  "logging/setLevel": [toEveryServer, "legacy"],
  "tasks/get": [task, "legacy", "modern"],
  "tasks/result": [task, "legacy"],
  "tasks/list": [toOneServer, "legacy"],
  "tasks/update": [task, "modern"],
  "tasks/cancel": [task, "legacy", "modern"],
};

/** Whether a client of this era may send this at all. */
export function isKnownMethod(method: string, era: Era): boolean {
  if (Object.hasOwn(CALLS, method) || isListMethod(method)) return true;
  return Object.hasOwn(OTHERS, method) && (OTHERS[method]?.includes(era) ?? false);
}

/** Answers a request of either era. What is not known here goes nowhere. */
export async function dispatch(core: Core, exchange: Exchange): Promise<Reply> {
  const { method } = exchange.request;
  if (!isKnownMethod(method, exchange.client.era)) {
    return errorReply(CODES.methodNotFound, "Method not found");
  }
  if (isListMethod(method)) return await listPage(core, exchange, method);
  const kind = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined;
  if (kind === undefined) return await OTHERS[method]?.[0](core, exchange) ?? NOTHING;
  const route = await routeOf(core, exchange, kind);
  return "error" in route ? route : await governedCall(core, exchange, route);
}

const NOTHING = errorReply(CODES.methodNotFound, "Method not found");

/** Where a call goes. */
async function routeOf(
  core: Core,
  exchange: Exchange,
  kind: RouteKind,
): Promise<Route | Extract<Reply, { error: unknown }>> {
  const params = exchange.request.params ?? {};
  const member = kind === "resource" ? "uri" : "name";
  const name = stringAt(params, member);
  if (name === undefined) return missing(`"${member}" is missing`);
  const split = kind === "resource"
    ? { server: await serverOfResource(core, exchange, name), name }
    : splitName(exchange, name);
  const server = split?.server === undefined ? undefined : core.servers().get(split.server);
  if (!split || !server) return missing(`Nothing here is called "${name.slice(0, 256)}"`);
  return { server, kind, name: split.name, params: { ...params, [member]: split.name } };
}

function missing(message: string): Extract<Reply, { error: unknown }> {
  return { error: { code: CODES.invalidParams, message } };
}

/** The first server that offers an address; the one that was addressed, where it was one. */
async function serverOfResource(
  core: Core,
  exchange: Exchange,
  uri: string,
): Promise<string | undefined> {
  if (exchange.endpoint !== ALL) return exchange.endpoint;
  const exactly = uriProblem(uri) === "traversal";
  for (const server of visibleServers(core, exchange)) {
    const offers = await withUpstream(
      core.pool,
      server,
      exchange,
      (upstream) => core.sight.offers(upstream, exchange.client, uri, exactly),
    ).catch(() => false);
    if (offers) return server.name;
  }
  return undefined;
}

async function discover(core: Core, exchange: Exchange): Promise<Reply> {
  const { capabilities, serverInfo, instructions } = await describe(core, exchange);
  const result = {
    supportedVersions: [MODERN_VERSION],
    capabilities,
    ...instructions !== undefined && { instructions },
    _meta: { [SERVER_INFO_META_KEY]: serverInfo },
  };
  const { value } = cleanResult(core.scanner(), result, "$.result");
  return { result: resultFor("modern", "server/discover", value as Params) };
}
