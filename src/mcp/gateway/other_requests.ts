import type { McpServerRules } from "../config.ts";
import type { Core } from "./core.ts";
import { paramsFor, resultFor } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { governedCall } from "./governed_call.ts";
import { mayCall, visibleServers } from "./lists.ts";
import { CODES, errorReply, objectAt, type Params, type Reply, stringAt } from "./message.ts";
import { withUpstream } from "./pool.ts";
import { cleanResult } from "./result_scan.ts";
import { ALL, splitName } from "./route.ts";

const NOTHING = errorReply(CODES.methodNotFound, "Method not found");

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
  return await withUpstream(core.pool, server, exchange, async (upstream) => {
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
export async function complete(core: Core, exchange: Exchange): Promise<Reply> {
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
      core.pool,
      server,
      exchange,
      (upstream) => core.sight.hasTemplate(upstream, exchange.client, template),
    ).catch(() => false);
    if (has) return server.name;
  }
  return undefined;
}

export async function toEveryServer(core: Core, exchange: Exchange): Promise<Reply> {
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

export async function toOneServer(core: Core, exchange: Exchange): Promise<Reply> {
  const [server] = visibleServers(core, exchange);
  if (exchange.endpoint === ALL || !server || server.isolation !== "session") return NOTHING;
  return await pass(core, exchange, server, exchange.request.params ?? {});
}

/**
 * Tasks belong to the upstream that made them, which is this client's alone: of one that many share, nobody
 * gets at the tasks of another. Answers of a task are results: they are searched; what is given to one is
 * decided.
 */
export async function task(core: Core, exchange: Exchange): Promise<Reply> {
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
