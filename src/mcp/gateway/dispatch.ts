import { SERVER_INFO_META_KEY } from "@modelcontextprotocol/server";
import type { McpServerRules } from "../config.ts";
import type { Core } from "./core.ts";
import { describe } from "./describe.ts";
import { type Era, MODERN_VERSION, paramsFor, resultFor } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { governedCall } from "./governed_call.ts";
import { isListMethod, listPage, mayCall, visibleServers } from "./lists.ts";
import { CODES, errorReply, objectAt, type Params, type Reply, stringAt } from "./message.ts";
import type { Hold } from "./pool.ts";
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
      core,
      exchange,
      server,
      ({ upstream }) => core.sight.offers(upstream, exchange.client, uri, exactly),
    ).catch(() => false);
    if (offers) return server.name;
  }
  return undefined;
}

async function withUpstream<T>(
  core: Core,
  exchange: Exchange,
  server: McpServerRules,
  work: (hold: Hold) => Promise<T>,
): Promise<T> {
  const hold = await core.pool.get(server, exchange);
  try {
    return await work(hold);
  } finally {
    hold.release();
  }
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

/** Sends a request to a server without a row: what is asked for decides nothing and runs nothing. */
async function pass(
  core: Core,
  exchange: Exchange,
  server: McpServerRules,
  params: Params,
): Promise<Reply> {
  const { denial } = core.governor.dryRun(callerOf(exchange), {
    surface: "mcp",
    event: exchange.request.method,
    target: `mcp:${server.name}`,
    tool: "",
    input: params,
    inputPath: "$.params",
    agent: undefined,
    plugin: undefined,
    context: {},
  });
  if (denial?.policy === "secret_detection") return errorReply(CODES.denied, denial.reason);
  return await withUpstream(core, exchange, server, async ({ upstream }) => {
    const { reply } = await upstream.request({
      method: exchange.request.method,
      params: paramsFor(upstream.era, params, exchange.client),
      signal: AbortSignal.any([exchange.signal, AbortSignal.timeout(server.timeout_ms)]),
      onNotification: exchange.notify,
    });
    if ("error" in reply) return reply;
    const { value } = cleanResult(core.scanner(), reply.result, "$.result");
    const { era } = exchange.client;
    return { result: resultFor(era, exchange.request.method, value as Params) };
  });
}

/** Completion of what the caller may use. */
async function complete(core: Core, exchange: Exchange): Promise<Reply> {
  const params = exchange.request.params ?? {};
  const ref = objectAt(params, "ref");
  const [name, uri] = [stringAt(ref, "name"), stringAt(ref, "uri")];
  const kind = uri === undefined ? "prompt" : "resource";
  const split = name !== undefined
    ? splitName(exchange, name)
    : { server: await serverOfTemplate(core, exchange, uri ?? ""), name: uri ?? "" };
  const server = split?.server === undefined ? undefined : core.servers().get(split.server);
  if (!split || !server || !mayCall(core, exchange, server, kind, split.name)) {
    return errorReply(CODES.invalidParams, "There is nothing of this name to complete");
  }
  const own = name === undefined ? ref : { ...ref, name: split.name };
  return await pass(core, exchange, server, { ...params, ref: own });
}

async function serverOfTemplate(
  core: Core,
  exchange: Exchange,
  template: string,
): Promise<string | undefined> {
  if (exchange.endpoint !== ALL) return exchange.endpoint;
  for (const server of visibleServers(core, exchange)) {
    const has = await withUpstream(
      core,
      exchange,
      server,
      ({ upstream }) => core.sight.hasTemplate(upstream, exchange.client, template),
    ).catch(() => false);
    if (has) return server.name;
  }
  return undefined;
}

async function toEveryServer(core: Core, exchange: Exchange): Promise<Reply> {
  const { level } = exchange.request.params ?? {};
  if (typeof level !== "string") return errorReply(CODES.invalidParams, '"level" is missing');
  for (const upstream of await core.pool.ofSession(exchange.sessionKey)) {
    if (upstream.era !== "legacy" || upstream.capabilities["logging"] === undefined) continue;
    await upstream.request({
      method: "logging/setLevel",
      params: { level },
      signal: AbortSignal.any([exchange.signal, AbortSignal.timeout(5000)]),
    });
  }
  return { result: {} };
}

async function toOneServer(core: Core, exchange: Exchange): Promise<Reply> {
  const [server] = visibleServers(core, exchange);
  if (exchange.endpoint === ALL || !server || server.isolation !== "session") return NOTHING;
  return await pass(core, exchange, server, exchange.request.params ?? {});
}

/**
 * Tasks belong to the upstream that made them, which is this client's alone: of one that many share, nobody
 * gets at the tasks of another. Answers of a task are results: they are searched; what is given to one is
 * decided.
 */
async function task(core: Core, exchange: Exchange): Promise<Reply> {
  const [server] = visibleServers(core, exchange);
  const id = stringAt(exchange.request.params, "taskId");
  if (exchange.endpoint === ALL || server?.isolation !== "session") return NOTHING;
  if (id === undefined) return errorReply(CODES.invalidParams, '"taskId" is missing');
  const params = exchange.request.params ?? {};
  if (exchange.request.method !== "tasks/update") {
    return await pass(core, exchange, server, params);
  }
  return await governedCall(core, exchange, { server, kind: "task", name: id, params });
}
